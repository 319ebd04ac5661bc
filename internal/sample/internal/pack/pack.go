// Package pack makes the sample workbook: its data and its package, the same bytes every time.
package pack

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"
)

// Names of the files in the package.
const (
	DocumentName = "BakeryDeliveries.twb"
	DataName     = "Data/Bakery/deliveries.csv" // as the workbook's connection says
)

const (
	firstYear = 2023
	years     = 3
)

// Each region has a size, and each product a price in euros and a usual number of pieces a delivery.
var (
	regions = []struct {
		name string
		size float64
	}{{"North", 1.15}, {"East", 0.8}, {"South", 1.35}, {"West", 0.95}}

	products = []struct {
		category, name string
		price          float64
		pieces         float64
		season         float64 // how much more is sold in December than in June
	}{
		{"Bread", "Rye Loaf", 3.9, 420, 0.05},
		{"Bread", "Spelt Loaf", 4.6, 260, 0.05},
		{"Bread", "Baguette", 1.9, 610, -0.1},
		{"Rolls", "Poppy Seed Roll", 0.75, 1350, 0},
		{"Rolls", "Pretzel Roll", 0.95, 980, -0.05},
		{"Pastry", "Butter Croissant", 1.6, 740, 0.1},
		{"Pastry", "Cinnamon Swirl", 2.4, 390, 0.35},
		{"Cake", "Plum Cake", 2.9, 230, -0.4},
		{"Cake", "Gingerbread", 3.4, 150, 0.9},
	}
)

// Deliveries returns the data: a delivery for each month, region and product.
func Deliveries() ([]byte, error) {
	random := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{{"Delivery Date", "Region", "Category", "Product", "Quantity", "Amount"}}
	for month := range years * 12 {
		growth := 1 + 0.006*float64(month)
		winter := math.Cos(2 * math.Pi * float64(month+1) / 12)
		for _, region := range regions {
			for _, product := range products {
				day := time.Date(firstYear, time.January+time.Month(month), 1+random.IntN(28), 0, 0, 0, 0, time.UTC)
				noise := 0.85 + 0.3*random.Float64()
				quantity := math.Round(product.pieces * region.size * growth * (1 + product.season*winter) * noise)
				amount := quantity * product.price
				rows = append(rows, []string{
					day.Format(time.DateOnly), region.name, product.category, product.name,
					strconv.Itoa(int(quantity)), strconv.FormatFloat(amount, 'f', 2, 64),
				})
			}
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("write the deliveries: %w", err)
	}
	return b.Bytes(), nil
}

// Workbook packs the workbook's document and its data. The files are stored, not compressed, since what a compressor
// writes changes between versions of Go.
func Workbook(document, deliveries []byte) ([]byte, error) {
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for _, file := range []struct {
		name string
		data []byte
	}{{DocumentName, document}, {DataName, deliveries}} {
		w, err := archive.CreateHeader(&zip.FileHeader{
			Name: file.name, Method: zip.Store, Modified: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		})
		if err == nil {
			_, err = w.Write(file.data)
		}
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", file.name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("finish the package: %w", err)
	}
	return b.Bytes(), nil
}
