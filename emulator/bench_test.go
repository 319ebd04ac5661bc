package emulator_test

import (
	"fmt"
	"testing"

	"github.com/tabctl/tableau-go/emulator"
)

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		server, err := emulator.New()
		if err != nil {
			b.Fatal(err)
		}
		if err := server.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewSite(b *testing.B) {
	server := emulator.Start(b)
	for b.Loop() {
		server.NewSite(b)
	}
}

func BenchmarkGetWorkbook(b *testing.B) {
	u := newSite(b, emulator.Start(b))
	path := "/sites/{site}/workbooks/" + u.published("Sales").attr("id")
	for b.Loop() {
		u.do("GET", path, "", nil)
	}
}

// BenchmarkListWorkbooks reads pages of 1000 from 3000 workbooks.
func BenchmarkListWorkbooks(b *testing.B) {
	u := newSite(b, emulator.Start(b))
	for i := range 3000 {
		u.published(fmt.Sprintf("Workbook %d", i))
	}
	for b.Loop() {
		for number := 1; number <= 3; number++ {
			u.do("GET", fmt.Sprintf("/sites/{site}/workbooks?pageSize=1000&pageNumber=%d", number), "", nil).must(b, 200)
		}
	}
}

func BenchmarkPublish(b *testing.B) {
	u := newSite(b, emulator.Start(b, emulator.WithDir(b.TempDir())))
	for i := 0; b.Loop(); i++ {
		u.published(fmt.Sprintf("Workbook %d", i))
	}
}
