// Facegate's webhooks for Go, with the standard library alone:
// FACEGATE_WEBHOOK_SECRET=whsec_... go run receiver.go
package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

const maxBytes, leastKeyBytes = 65536, 24

var digits = regexp.MustCompile(`^[0-9]{1,12}$`)

type Event struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Data struct {
		Verification *struct {
			ID       string `json:"id"`
			Status   string `json:"status"`
			Sequence int    `json:"sequence"`
		} `json:"verification,omitempty"`
	} `json:"data"`
}

func verified(header http.Header, body, key []byte, now time.Time) bool {
	id, at := header.Get("webhook-id"), header.Get("webhook-timestamp")
	seconds, _ := strconv.ParseInt(at, 10, 64)
	if age := now.Unix() - seconds; id == "" || !digits.MatchString(at) || age > 300 || age < -300 {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, at, body)
	ours, held := "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)), false
	for _, theirs := range strings.Fields(header.Get("webhook-signature")) {
		held = hmac.Equal([]byte(ours), []byte(theirs)) || held
	}
	return held
}

// Book is a file with one line for each event, and in memory what it holds.
type Book struct {
	mutex  sync.Mutex
	file   *os.File
	seen   map[string]bool
	newest map[string]int
}

func open(name string) (*Book, error) {
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	book := &Book{file: file, seen: map[string]bool{}, newest: map[string]int{}}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 2*maxBytes)
	for lines.Scan() {
		var event Event
		if json.Unmarshal(lines.Bytes(), &event) == nil {
			book.take(event)
		}
	}
	return book, lines.Err()
}

// take says what is new by this event, in words.
func (book *Book) take(event Event) string {
	told := event.Data.Verification
	book.seen[event.ID] = true
	if told == nil {
		return event.ID + " " + event.Type
	}
	if told.Sequence <= book.newest[told.ID] {
		return ""
	}
	book.newest[told.ID] = told.Sequence
	return told.ID + " " + told.Status
}

// keep is on the disk before the answer. A line that was cut off was not answered, and comes again.
func (book *Book) keep(event Event) error {
	book.mutex.Lock()
	defer book.mutex.Unlock()
	if book.seen[event.ID] {
		return nil
	}
	line, _ := json.Marshal(event)
	if _, err := book.file.WriteString("\n" + string(line)); err != nil {
		return err
	}
	if err := book.file.Sync(); err != nil {
		return err
	}
	if news := book.take(event); news != "" {
		fmt.Println(news)
	}
	return nil
}

func receive(key []byte, book *Book) http.HandlerFunc {
	return func(response http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(response, request.Body, maxBytes))
		var event Event
		switch {
		case err != nil:
			response.WriteHeader(http.StatusRequestEntityTooLarge)
		case !verified(request.Header, body, key, time.Now()) || json.Unmarshal(body, &event) != nil:
			response.WriteHeader(http.StatusBadRequest)
		case book.keep(event) != nil:
			response.WriteHeader(http.StatusInternalServerError)
		default:
			response.WriteHeader(http.StatusNoContent)
		}
	}
}

func setting(name, usual string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return usual
}

func main() {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(os.Getenv("FACEGATE_WEBHOOK_SECRET"), "whsec_"))
	if err != nil || len(key) < leastKeyBytes { // a short key can be guessed
		log.Fatal("set FACEGATE_WEBHOOK_SECRET to whsec_...")
	}
	book, err := open(setting("RECEIVER_BOOK", "webhooks.jsonl"))
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/webhooks/facegate", receive(key, book))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+setting("PORT", "8000"), nil))
}
