package emulator_test

import (
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/tabctl/tableau-go/emulator"
)

func ExampleNew() {
	server, err := emulator.New(emulator.WithAdmin("admin", "a password"), emulator.WithToken("ci", "a secret"))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	url, err := server.Listen("127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	response, err := http.Get(url + "/_emulator/health")
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
	// Output: ok
}
