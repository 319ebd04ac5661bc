package emulator

import (
	"io"
	"net/http"
)

// health answers GET /_emulator/health as soon as the server is ready.
func health(w http.ResponseWriter, _ *http.Request) {
	io.WriteString(w, "ok") // the caller has gone
}
