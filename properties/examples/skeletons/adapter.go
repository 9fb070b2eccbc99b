// An adapter of spec/ADAPTER.md to put around your server: `go build -o adapter adapter.go`, then adapter-check ./adapter.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"os"
)

type object = map[string]any

var in, out = bufio.NewReaderSize(os.Stdin, 1<<20), json.NewEncoder(os.Stdout)

func hear() (o object) {
	line, err := in.ReadBytes('\n')
	if err != nil {
		os.Exit(0)
	}
	json.Unmarshal(line, &o)
	return
}
func ask(o object) object { out.Encode(o); return hear() }

// What your server calls: at is its connection, s0 or s1 and so on.
func send(at string, frame []byte) bool {
	return ask(object{"send": object{"at": at, "hex": hex.EncodeToString(frame)}})["ok"] == true
}
func random(at string, n int) []byte {
	b, _ := hex.DecodeString(ask(object{"rng": object{"at": at, "bytes": n}})["hex"].(string))
	return b
}
func accepted(at string, frame []byte) {
	out.Encode(object{"report": object{"on": "accepted", "at": at, "hex": hex.EncodeToString(frame)}})
}
func rejected(at string, frame []byte, reason string) {
	out.Encode(object{"report": object{"on": "rejected", "at": at, "hex": hex.EncodeToString(frame), "reason": reason}})
}
func ended(at, by string) { out.Encode(object{"report": object{"on": "ended", "at": at, "by": by}}) }

func main() {
	for {
		call := hear()
		at, _ := call["at"].(string)
		closing := object{"ok": true}
		switch call["op"] {
		case "init": // yours: forget everything; call["mode"], call["keys"], call["limits"], call["challenge"]
			if call["role"] != "server" {
				closing = object{"unsupported": true}
			} else {
				closing = object{"ok": true, "emits": []string{"accepted", "rejected", "ended"}, "can": []string{"rng", "tick"}}
			}
		case "open": // yours: a connection, at
		case "receive": // yours: bytes of its stream, at the time call["now"]
			_, _ = hex.DecodeString(call["hex"].(string))
		case "close": // yours: it was closed by the network
			ended(at, "close")
		case "tick": // yours: timers may fire
		default:
			closing = object{"unsupported": true}
		}
		out.Encode(closing)
	}
}
