package render

import (
	"bytes"
	"fmt"
	"io"
)

const (
	presentation      = "http://schemas.openxmlformats.org/presentationml/2006/main"
	presentationTypes = "application/vnd.openxmlformats-officedocument.presentationml."
	drawing           = "http://schemas.openxmlformats.org/drawingml/2006/main"
	namespaces        = `xmlns:a="` + drawing + `" xmlns:r="` + relations + `" xmlns:p="` + presentation + `"`

	// A slide is 10 by 7.5 inches, in the unit of these documents: 914,400 to the inch.
	slideWidth, slideHeight = 9_144_000, 6_858_000
	// The picture on it has that shape.
	slidePixelsWide, slidePixelsHigh = 1280, 960
)

// emptyShapes is the drawing of a slide without anything on it, without its end.
const emptyShapes = `<p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm><a:off x="0" y="0"/>` +
	`<a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/><a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>`

// PPTX writes a PowerPoint presentation with one slide for each sheet: its picture.
func PPTX(w io.Writer, sheets []Sheet) error {
	layouts := xmlHead + `<p:sldLayout ` + namespaces + ` type="blank" preserve="1"><p:cSld name="Blank">` + emptyShapes +
		`</p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>`
	master := xmlHead + `<p:sldMaster ` + namespaces + `><p:cSld><p:bg><p:bgRef idx="1001"><a:schemeClr val="bg1"/></p:bgRef></p:bg>` + emptyShapes +
		`</p:spTree></p:cSld><p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" ` +
		`accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/><p:sldLayoutIdLst>` +
		`<p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst></p:sldMaster>`
	parts := []part{
		{"ppt/presentation.xml", presentationTypes + "presentation.main+xml", nil}, // filled in below
		{"ppt/_rels/presentation.xml.rels", "", nil},
		{"ppt/slideMasters/slideMaster1.xml", presentationTypes + "slideMaster+xml", []byte(master)},
		{"ppt/slideMasters/_rels/slideMaster1.xml.rels", "", related("slideLayout", "../slideLayouts/slideLayout1.xml", "theme", "../theme/theme1.xml")},
		{"ppt/slideLayouts/slideLayout1.xml", presentationTypes + "slideLayout+xml", []byte(layouts)},
		{"ppt/slideLayouts/_rels/slideLayout1.xml.rels", "", related("slideMaster", "../slideMasters/slideMaster1.xml")},
		{"ppt/theme/theme1.xml", "application/vnd.openxmlformats-officedocument.theme+xml", []byte(officeTheme())},
	}
	var slides bytes.Buffer
	targets := []string{"slideMaster", "slideMasters/slideMaster1.xml"}
	for i, sheet := range sheets {
		number := i + 1
		var image bytes.Buffer
		if err := PNG(&image, sheet.Title, sheet.Tables, slidePixelsWide, slidePixelsHigh); err != nil {
			return fmt.Errorf("draw %q: %w", sheet.Title, err)
		}
		title := escaped(oneLine(sheet.Title))
		slide := fmt.Sprintf(xmlHead+`<p:sld %s><p:cSld name="%s">%s<p:pic><p:nvPicPr><p:cNvPr id="2" name="%[2]s" descr="%[2]s"/>`+
			`<p:cNvPicPr><a:picLocks noChangeAspect="1"/></p:cNvPicPr><p:nvPr/></p:nvPicPr><p:blipFill><a:blip r:embed="rId2"/>`+
			`<a:stretch><a:fillRect/></a:stretch></p:blipFill><p:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="%[4]d" cy="%[5]d"/></a:xfrm>`+
			`<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic></p:spTree></p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sld>`,
			namespaces, title, emptyShapes, slideWidth, slideHeight)
		parts = append(parts,
			part{fmt.Sprintf("ppt/slides/slide%d.xml", number), presentationTypes + "slide+xml", []byte(slide)},
			part{fmt.Sprintf("ppt/slides/_rels/slide%d.xml.rels", number), "", related("slideLayout", "../slideLayouts/slideLayout1.xml",
				"image", fmt.Sprintf("../media/image%d.png", number))},
			part{fmt.Sprintf("ppt/media/image%d.png", number), "", image.Bytes()})
		fmt.Fprintf(&slides, `<p:sldId id="%d" r:id="rId%d"/>`, 255+number, 1+number)
		targets = append(targets, "slide", fmt.Sprintf("slides/slide%d.xml", number))
	}
	parts[0].content = fmt.Appendf(nil, xmlHead+`<p:presentation %s><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst>`+
		`<p:sldIdLst>%s</p:sldIdLst><p:sldSz cx="%d" cy="%d" type="screen4x3"/><p:notesSz cx="%[4]d" cy="%[3]d"/></p:presentation>`,
		namespaces, slides.String(), slideWidth, slideHeight)
	parts[1].content = related(targets...)
	return writePackage(w, "ppt/presentation.xml", parts)
}

// officeTheme is the smallest theme that presentations may have: PowerPoint wants three of each kind of fill, line and effect.
func officeTheme() string {
	three := func(one string) string { return one + one + one }
	const fill = `<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>`
	colors := ""
	for _, c := range [][2]string{{"dk1", "000000"}, {"lt1", "FFFFFF"}, {"dk2", "333333"}, {"lt2", "EDEDED"}, {"accent1", "4878A8"}, {"accent2", "EE8F37"},
		{"accent3", "D95F5C"}, {"accent4", "74B2AD"}, {"accent5", "5C9E57"}, {"accent6", "E3C04F"}, {"hlink", "4878A8"}, {"folHlink", "A97BA0"}} {
		colors += `<a:` + c[0] + `><a:srgbClr val="` + c[1] + `"/></a:` + c[0] + `>`
	}
	const fonts = `<a:latin typeface="Arial"/><a:ea typeface=""/><a:cs typeface=""/>`
	return xmlHead + `<a:theme xmlns:a="` + drawing + `" name="Plain"><a:themeElements><a:clrScheme name="Plain">` + colors + `</a:clrScheme>` +
		`<a:fontScheme name="Plain"><a:majorFont>` + fonts + `</a:majorFont><a:minorFont>` + fonts + `</a:minorFont></a:fontScheme>` +
		`<a:fmtScheme name="Plain"><a:fillStyleLst>` + three(fill) + `</a:fillStyleLst><a:lnStyleLst>` + three(`<a:ln w="9525">`+fill+`</a:ln>`) +
		`</a:lnStyleLst><a:effectStyleLst>` + three(`<a:effectStyle><a:effectLst/></a:effectStyle>`) + `</a:effectStyleLst><a:bgFillStyleLst>` +
		three(fill) + `</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>`
}
