//go:build ignore

// Generate makes the sample's data in src and packs it with the workbook that lies there.
package main

import (
	"log"
	"os"

	"github.com/tabctl/tableau-go/internal/sample/internal/pack"
)

func main() {
	log.SetFlags(0)
	deliveries, err := pack.Deliveries()
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("src/deliveries.csv", deliveries, 0o644); err != nil {
		log.Fatal(err)
	}
	document, err := os.ReadFile("src/BakeryDeliveries.twb")
	if err != nil {
		log.Fatal(err)
	}
	workbook, err := pack.Workbook(document, deliveries)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("BakeryDeliveries.twbx", workbook, 0o644); err != nil {
		log.Fatal(err)
	}
}
