<?php
// Facegate's webhooks for PHP 8 with PDO, without a package:
// FACEGATE_WEBHOOK_SECRET=whsec_... php -S 127.0.0.1:8000 receiver.php
declare(strict_types=1);

const MAX_BYTES = 65536;
const LEAST_KEY_BYTES = 24;
const TABLES = 'create table if not exists event (id text primary key);
    create table if not exists verification (id text primary key, sequence integer not null, status text not null)';
const NEWER = 'insert into verification values (:id, :sequence, :status)
    on conflict (id) do update set sequence = excluded.sequence, status = excluded.status
    where excluded.sequence > verification.sequence';

function keyOf(string $secret): string
{
    $key = base64_decode(substr($secret, strlen('whsec_')), true);
    if ($key === false || strlen($key) < LEAST_KEY_BYTES) { // a short key can be guessed
        throw new RuntimeException('set FACEGATE_WEBHOOK_SECRET to whsec_...');
    }
    return $key;
}

function verified(string $body, string $key, int $now): bool
{
    $header = fn(string $name): string => $_SERVER["HTTP_WEBHOOK_$name"] ?? '';
    [$id, $time, $given] = [$header('ID'), $header('TIMESTAMP'), $header('SIGNATURE')];
    if ($id === '' || !preg_match('/^[0-9]{1,12}\z/', $time) || abs($now - (int) $time) > 300) {
        return false;
    }
    $ours = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$time.$body", $key, true));
    return array_filter(explode(' ', $given), fn($theirs) => hash_equals($ours, $theirs)) !== [];
}

// One transaction for the id and for what the event changes: an event counts once, and none counts by half.
function keep(PDO $book, array $event): void
{
    $told = $event['data']['verification'] ?? null;
    $book->beginTransaction();
    $news = changed($book, 'insert or ignore into event values (:id)', ['id' => $event['id']])
        && (!$told || changed($book, NEWER, array_intersect_key($told, ['id' => 0, 'sequence' => 0, 'status' => 0])));
    $book->commit();
    if ($news) {
        file_put_contents('php://stdout', $told ? "$told[id] $told[status]\n" : "$event[id] $event[type]\n");
    }
}

function changed(PDO $book, string $statement, array $values): bool
{
    $prepared = $book->prepare($statement);
    $prepared->execute($values);
    return $prepared->rowCount() > 0;
}

function receive(string $body): int
{
    if (strlen($body) > MAX_BYTES) {
        return 413;
    }
    if (!verified($body, keyOf((string) getenv('FACEGATE_WEBHOOK_SECRET')), time())) {
        return 400;
    }
    $book = new PDO('sqlite:' . (getenv('RECEIVER_BOOK') ?: 'webhooks.sqlite'));
    $book->exec(TABLES);
    keep($book, json_decode($body, true, 64, JSON_THROW_ON_ERROR));
    return 204;
}

if ($_SERVER['REQUEST_METHOD'] !== 'POST' || $_SERVER['REQUEST_URI'] !== '/webhooks/facegate') {
    http_response_code(404);
    return;
}
http_response_code(500); // until it is kept
http_response_code(receive(file_get_contents('php://input', false, null, 0, MAX_BYTES + 1)));
