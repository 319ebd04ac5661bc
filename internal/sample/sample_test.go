package sample_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"testing"

	"github.com/tabctl/tableau-go/internal/sample"
	"github.com/tabctl/tableau-go/internal/sample/internal/pack"
)

func TestCommittedFilesAreWhatTheGeneratorMakes(t *testing.T) {
	t.Parallel()
	deliveries, err := pack.Deliveries()
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile("src/BakeryDeliveries.twb")
	if err != nil {
		t.Fatal(err)
	}
	want, err := pack.Workbook(document, deliveries)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(sample.Workbook(), want) {
		t.Error("the committed .twbx is not what the generator makes: run go generate ./internal/sample")
	}
	committed, err := os.ReadFile("src/deliveries.csv")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(committed, deliveries) {
		t.Error("src/deliveries.csv is not what the generator makes: run go generate ./internal/sample")
	}
	if size, most := len(want), 200_000; size > most {
		t.Errorf("the workbook has %d bytes, want at most %d: it is part of every binary", size, most)
	}
}

func TestDeliveriesArePlausible(t *testing.T) {
	t.Parallel()
	deliveries, err := pack.Deliveries()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(deliveries)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	const months, regions, products = 36, 4, 9
	if got, want := len(rows), 1+months*regions*products; got != want {
		t.Errorf("%d rows, want %d", got, want)
	}
}

func TestWorkbookIsACopy(t *testing.T) {
	t.Parallel()
	sample.Workbook()[0] = 'x'
	if got := sample.Workbook()[:2]; string(got) != "PK" {
		t.Errorf("the workbook starts with %q after a caller changed its copy, want PK", got)
	}
}
