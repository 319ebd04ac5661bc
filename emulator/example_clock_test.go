package emulator_test

import (
	"fmt"
	"time"

	"github.com/tabctl/tableau-go/emulator"
)

func ExampleServer_Advance() {
	start := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	server, err := emulator.New(emulator.WithClock(func() time.Time { return start }))
	if err != nil {
		panic(err)
	}
	defer server.Close()
	server.Advance(36 * time.Hour) // what is due by then runs
	fmt.Println(server.Now().Format(time.DateTime))
	// Output: 2024-03-02 00:00:00
}
