// The vendors' Node clients, as somebody else's program would use them. Reads one JSON order from standard input and
// writes what happened as JSON; the tests decide what is right.
const crypto = require('crypto')
const fs = require('fs')
const { promisify } = require('util')

const md5 = (content) => crypto.createHash('md5').update(content).digest('hex')

function faceidClient(order) {
  const base = 'tencentcloud-sdk-nodejs-intl-en/tencentcloud'
  const { Client } = require(`${base}/faceid/v20180301`)
  const Credential = require(`${base}/common/credential`)
  const ClientProfile = require(`${base}/common/profile/client_profile`)
  const HttpProfile = require(`${base}/common/profile/http_profile`)
  const http = new HttpProfile('http://', order.host, 'POST', 30)
  // its own default is signature v1 (HmacSHA256, a form body), which order.scheme can leave it at
  const profile = new ClientProfile(order.scheme || undefined, http)
  return new Client(new Credential(order.id, order.key), order.region, profile)
}

async function upload(ask, content) {
  const link = await ask('CreateUploadUrl', { TargetAction: 'DetectReflectLivenessAndCompare' })
  const put = await fetch(link.UploadUrl, { method: 'PUT', body: content })
  if (!put.ok) throw new Error(`the upload link answered ${put.status}`)
  return [link.ResourceUrl, md5(content)]
}

async function reflect(order) {
  const client = faceidClient(order)
  const { Models } = require('tencentcloud-sdk-nodejs-intl-en/tencentcloud/faceid/v20180301')
  const ask = (action, given) => {
    const request = new Models[`${action}Request`]()
    request.from_json_string(JSON.stringify(given))
    return promisify(client[action].bind(client))(request)
  }
  try {
    const [LiveDataUrl, LiveDataMd5] = await upload(ask, fs.readFileSync(order.live))
    const [ImageUrl, ImageMd5] = await upload(ask, fs.readFileSync(order.photo))
    const said = await ask('DetectReflectLivenessAndCompare', { LiveDataUrl, LiveDataMd5, ImageUrl, ImageMd5 })
    const frame = said.BestFrameUrl && Buffer.from(await (await fetch(said.BestFrameUrl)).arrayBuffer())
    const whole = frame ? md5(frame) === said.BestFrameMd5 : said.Result !== 'Success'
    return { code: said.Result, similarity: said.Sim, whole }
  } catch (error) {
    return { code: error.code || String(error), whole: Boolean(error.requestId) }
  }
}

// The retired image API. It names the vendor's host in its Host header wherever the connection goes.
async function compare(order) {
  const { ImageClient } = require('image-node-sdk')
  const client = new ImageClient({ AppId: order.appid, SecretId: order.id, SecretKey: order.key })
  client.setHost(order.host).setProtocol('http:')
  const person = { idcard_number: order.number, idcard_name: order.name }
  const multipart = {
    headers: { 'content-type': 'multipart/form-data' },
    formData: { ...person, image: fs.createReadStream(order.photo) },
  }
  const said = await client.faceIdCardCompare(order.way === 'url' ? { data: { ...person, url: order.link } } : multipart)
  const body = JSON.parse(said.body)
  return { code: String(body.code), similarity: (body.data || {}).similarity, whole: 'message' in body }
}

// Two ways to send the client to this machine: the address behind the bucket's own host name, or the bucket as path.
const WAYS = {
  ip: (order) => ({ Ip: `127.0.0.1:${order.cos_port}` }),
  path: (order) => ({ Domain: `127.0.0.1:${order.cos_port}/{Bucket}` }),
}

async function cos(order) {
  const COS = require('cos-nodejs-sdk-v5')
  const keys = { SecretId: order.id, SecretKey: order.key }
  const client = new COS({ ...keys, Protocol: 'http:', Timeout: 10000, ...WAYS[order.way](order) })
  const where = { Bucket: order.bucket, Region: order.region, Key: 'clients/node object.bin' }
  try {
    const put = await client.putObject({ ...where, Body: Buffer.from('from node') })
    const head = await client.headObject(where)
    const got = await client.getObject(where)
    const linked = order.way === 'path' ? await (await fetch(client.getObjectUrl({ ...where, Sign: true }))).text() : null
    await client.deleteObject(where)
    const left = await client.headObject(where).then(() => true, (error) => error.statusCode !== 404)
    return { etag: put.ETag, length: head.headers['content-length'], body: got.Body.toString(), linked, left }
  } catch (error) {
    return { error: error.code || String(error) }
  }
}

async function main() {
  const order = JSON.parse(fs.readFileSync(0, 'utf8'))
  process.stdout.write(JSON.stringify(await { reflect, compare, cos }[order.do](order)))
}

main()
