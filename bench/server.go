package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	version = "3.29"
	site    = "dad65087-b08b-4603-af4e-2887b8aafc67"
	user    = "ee8c6e70-43b6-11e6-af4f-f7b0d8e20760"
	token   = "token"
)

// root is where the site's resources are.
const root = "/api/" + version + "/sites/" + site

// serve starts the server, which does as little as it can: pages are made
// beforehand, files are thrown away and made of one block. Each request takes
// latency. It ends with the program.
func serve(pages [][]byte, size int64, latency time.Duration) (url string) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+root+"/workbooks", func(w http.ResponseWriter, r *http.Request) {
		number, _ := strconv.Atoi(r.URL.Query().Get("pageNumber"))
		if number = max(number, 1); r.URL.Query().Get("pageSize") != "1000" || number > len(pages) {
			http.Error(w, "pages hold 1000", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/xml;charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(pages[number-1])))
		_, _ = w.Write(pages[number-1])
	})
	mux.HandleFunc("POST "+root+"/fileUploads", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `<tsResponse xmlns="http://tableau.com/api"><fileUpload uploadSessionId="1:a-1:0" maxFileChunkCount="1000"/></tsResponse>`)
	})
	buffers := sync.Pool{New: func() any { return new([256 << 10]byte) }}
	mux.HandleFunc("PUT "+root+"/fileUploads/{upload}", func(w http.ResponseWriter, r *http.Request) {
		buffer := buffers.Get().(*[256 << 10]byte)
		defer buffers.Put(buffer)
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, r.Body, buffer[:])
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, `<tsResponse xmlns="http://tableau.com/api"><fileUpload uploadSessionId="1:a-1:0" fileSize="%d"/></tsResponse>`, n>>20)
	})
	mux.HandleFunc("GET "+root+"/workbooks/{id}/content", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Disposition", `name="tableau_workbook"; filename="Sales.twbx"`)
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
		_ = writeWorkbook(w, size) // who asked has gone
	})
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(latency)
		mux.ServeHTTP(w, r)
	})).URL
}

// listPages returns the answers of a list.
func listPages(items int) [][]byte {
	var pages [][]byte
	for from := 0; from < items; from += 1000 {
		page := fmt.Appendf(nil, `<?xml version='1.0' encoding='UTF-8'?><tsResponse xmlns="http://tableau.com/api"><pagination pageNumber="%d" pageSize="1000" totalAvailable="%d"/><workbooks>`, len(pages)+1, items)
		page = append(page, workbooks(from, min(from+1000, items))...)
		pages = append(pages, append(page, "</workbooks></tsResponse>"...))
	}
	return pages
}

var block = func() []byte {
	random := rand.NewChaCha8([32]byte{})
	block := make([]byte, 1<<20)
	_, _ = random.Read(block) // it never fails
	return block
}()

// writeWorkbook writes what begins and ends like a workbook of that size.
func writeWorkbook(w io.Writer, size int64) error {
	const start, end = "PK\x03\x04", "PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	if _, err := io.WriteString(w, start); err != nil {
		return err
	}
	for left := size - int64(len(start)+len(end)); left > 0; left -= int64(len(block)) {
		if _, err := w.Write(block[:min(left, int64(len(block)))]); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, end)
	return err
}

// workbooks returns elements as a server writes them in a list.
func workbooks(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, `<workbook id="%08x-070e-497a-9578-8cc557ced9df" name="Sales &amp; Margin %d" description="Weekly numbers for the regional teams, number %d" contentUrl="SalesMargin%d" webpageUrl="https://10ax.online.tableau.com/#/site/exampledev/workbooks/%d" showTabs="true" size="%d" createdAt="2024-02-14T04:42:09Z" updatedAt="2024-07-02T02:19:59Z" sheetCount="9" hasExtracts="false" encryptExtracts="false" defaultViewId="2bdcd787-dcc6-4a5d-bc61-2846f1ef4534">`, i, i, i, i, 265605+i, i%50)
		b.WriteString(`<project id="669ca36b-492e-4ccf-bca1-3614fe6a9d7a" name="Samples"/><location id="669ca36b-492e-4ccf-bca1-3614fe6a9d7a" type="Project" name="Samples"/><owner id="ee8bc9ca-77fe-4ae0-8093-cf77f0ee67a9" name="bob@example.com"/>`)
		b.WriteString(`<tags><tag label="sales"/><tag label="weekly"/></tags><dataAccelerationConfig accelerationEnabled="false"/></workbook>`)
	}
	return b.String()
}
