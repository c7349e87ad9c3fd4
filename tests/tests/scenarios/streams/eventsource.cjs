// Prints what an EventSource sees, one JSON object to a line, and ends with its standard input.
// Arguments: the URL, the event upon which it closes, and the other events to listen for.
const { EventSource } = require('eventsource')

const [url, last, ...names] = process.argv.slice(2)
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)
const source = new EventSource(url)
source.addEventListener('open', () => say({ open: true }))
source.addEventListener('error', (event) => {
  // A frame may be named `error` too; then it has data.
  if (event.data === undefined) say({ failed: event.code ?? null, over: source.readyState === 2 })
})
for (const name of [last, ...names]) {
  source.addEventListener(name, (event) => {
    if (event.data === undefined) return
    say({ event: event.type, data: event.data, id: event.lastEventId })
    if (name === last) source.close()
  })
}
process.stdin.on('end', () => process.exit()).resume()
