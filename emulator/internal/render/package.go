package render

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
)

const (
	xmlHead       = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	relations     = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packageSpace  = "http://schemas.openxmlformats.org/package/2006/"
	relationTypes = `application/vnd.openxmlformats-package.relationships+xml`
)

// part is one file of an Office document.
type part struct {
	name     string
	mimeType string // "" for what needs no entry of its own in the list of types
	content  []byte
}

// writePackage writes an Office document; main is its first part.
func writePackage(w io.Writer, main string, parts []part) error {
	var types bytes.Buffer
	types.WriteString(xmlHead + `<Types xmlns="` + packageSpace + `content-types"><Default Extension="rels" ContentType="` + relationTypes +
		`"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>`)
	for _, p := range parts {
		if p.mimeType != "" {
			fmt.Fprintf(&types, `<Override PartName="/%s" ContentType="%s"/>`, p.name, p.mimeType)
		}
	}
	types.WriteString(`</Types>`)
	all := append([]part{
		{"[Content_Types].xml", "", types.Bytes()},
		{"_rels/.rels", "", related("officeDocument", main)},
	}, parts...)
	out := zip.NewWriter(w)
	for _, p := range all {
		f, err := out.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: documentDate})
		if err != nil {
			return fmt.Errorf("write the document: %w", err)
		}
		if _, err := f.Write(p.content); err != nil {
			return fmt.Errorf("write the document: %w", err)
		}
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("write the document: %w", err)
	}
	return nil
}

// related is the list of parts that a part refers to as rId1, rId2 …, given as kind, target, kind, target.
func related(kindsAndTargets ...string) []byte {
	var b bytes.Buffer
	b.WriteString(xmlHead + `<Relationships xmlns="` + packageSpace + `relationships">`)
	for i := 0; i < len(kindsAndTargets); i += 2 {
		fmt.Fprintf(&b, `<Relationship Id="rId%d" Type="%s/%s" Target="%s"/>`, i/2+1, relations, kindsAndTargets[i], kindsAndTargets[i+1])
	}
	b.WriteString(`</Relationships>`)
	return b.Bytes()
}

// escaped returns a text as it stands in XML.
func escaped(text string) string {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(text)) // a buffer takes everything
	return b.String()
}
