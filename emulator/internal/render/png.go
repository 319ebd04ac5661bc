package render

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-analyze/charts"

	"github.com/tabctl/tableau-go/emulator/internal/content"
)

const (
	// maxPixels bounds a picture's width and height.
	maxPixels = 8192
	maxTiles  = 16
	// plainWidth and plainHeight are the size in pixels at which text has its plain size.
	plainWidth, plainHeight = 784, 588
)

// Tableau's ten colours have this order: blue, orange, red, teal, green, yellow, purple, pink, brown, grey.
var theme = sync.OnceValue(func() charts.ColorPalette {
	return charts.MakeTheme(charts.ThemeOption{
		BackgroundColor:    color("#ffffff"),
		AxisStrokeColor:    color("#c8c8c8"),
		AxisSplitLineColor: color("#ededed"),
		TextColor:          color("#4b4b4b"),
		TextColorTitle:     color("#333333"),
		SeriesColors: []charts.Color{
			color("#4878a8"), color("#ee8f37"), color("#d95f5c"), color("#74b2ad"),
			color("#5c9e57"), color("#e3c04f"), color("#a97ba0"), color("#9b7763"),
		},
	})
})

var (
	titleColor = color("#333333")
	textColor  = color("#4b4b4b")
	faintColor = color("#8a8a8a")
	lineColor  = color("#dddddd")
	headColor  = color("#f4f4f4")
)

func color(hex string) charts.Color { return charts.ParseColor(hex) }

// PNG writes a picture of the tables, exactly width × height pixels: a line chart for what runs along time, else bars,
// and a text table for what is neither; several tables are tiled. Sizes are 1 to 8192 pixels, others are an error.
func PNG(w io.Writer, title string, tables []*content.Table, width, height int) error {
	return picture(w, charts.ChartOutputPNG, title, tables, width, height)
}

// SVG writes the same picture as lines and text.
func SVG(w io.Writer, title string, tables []*content.Table, width, height int) error {
	return picture(w, charts.ChartOutputSVG, title, tables, width, height)
}

func picture(w io.Writer, format, title string, tables []*content.Table, width, height int) error {
	if width < 1 || height < 1 || width > maxPixels || height > maxPixels {
		return fmt.Errorf("a picture of %d × %d pixels cannot be drawn: use 1 to %d in each direction", width, height, maxPixels)
	}
	c := canvas{
		Painter: charts.NewPainter(charts.PainterOptions{OutputFormat: format, Width: width, Height: height, Theme: theme()}),
		scale:   min(float64(width)/plainWidth, float64(height)/plainHeight),
	}
	c.scale = max(c.scale, 0.6) // smaller text cannot be read
	c.FilledRect(0, 0, width, height, color("#ffffff"), color("#ffffff"), 0)
	if err := c.sheet(title, tables); err != nil {
		return fmt.Errorf("draw %q: %w", title, err)
	}
	encoded, err := c.Bytes()
	if err != nil {
		return fmt.Errorf("encode the picture of %q: %w", title, err)
	}
	_, err = w.Write(encoded)
	return err
}

// canvas is a part of the picture, with the size of its text.
type canvas struct {
	*charts.Painter
	left, top int // of this part in the whole picture
	scale     float64
}

// px returns a length that grows with the picture.
func (c canvas) px(n float64) int { return int(math.Round(n * c.scale)) }

func (c canvas) font(points float64, color charts.Color) charts.FontStyle {
	return charts.FontStyle{FontSize: points * c.scale, FontColor: color}
}

// part returns a part of this one.
func (c canvas) part(left, top, width, height int) canvas {
	left, top = left+c.left, top+c.top
	box := charts.NewBox(left, top, left+max(width, 0), top+max(height, 0))
	return canvas{c.Child(charts.PainterBoxOption(box)), left, top, c.scale}
}

// textWidth returns the width of a text in pixels.
func (c canvas) textWidth(s string, font charts.FontStyle) int {
	return c.MeasureText(s, 0, font).Width()
}

// fit shortens a text to a width.
func (c canvas) fit(s string, width int, font charts.FontStyle) string {
	s = oneLine(s)
	if c.textWidth(s, font) <= width {
		return s
	}
	runes := []rune(s)
	low, high := 0, len(runes)
	for low < high { // the longest start that fits
		middle := (low + high + 1) / 2
		if c.textWidth(string(runes[:middle])+"…", font) <= width {
			low = middle
		} else {
			high = middle - 1
		}
	}
	if low == 0 {
		return ""
	}
	return strings.TrimSpace(string(runes[:low])) + "…"
}

// oneLine makes a text fit to be drawn: one line, of a bounded length.
func oneLine(s string) string {
	const longest = 300
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n++; n > longest {
			b.WriteString("…")
			break
		}
		if r < ' ' || r == 0x7f {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}

// sheet draws a title and the tables below it.
func (c canvas) sheet(title string, tables []*content.Table) error {
	margin := c.px(16)
	top := margin
	if title = oneLine(title); title != "" {
		font := c.font(15, titleColor)
		c.Text(c.fit(title, c.Width()-2*margin, font), margin, top+c.px(16), 0, font)
		top += c.px(30)
	}
	area := c.part(margin, top, c.Width()-2*margin, c.Height()-top-margin)
	if len(tables) == 0 {
		area.notice("There is no data to show.")
		return nil
	}
	if len(tables) == 1 {
		return area.table(tables[0])
	}
	tables = tables[:min(len(tables), maxTiles)]
	columns := int(math.Ceil(math.Sqrt(float64(len(tables)))))
	rows := (len(tables) + columns - 1) / columns
	gap := c.px(18)
	height := (area.Height() - gap*(rows-1)) / rows
	next := 0
	for row := range rows {
		inRow := columns
		if row == 0 { // the first row is the one with room to spare
			inRow = len(tables) - columns*(rows-1)
		}
		width := (area.Width() - gap*(inRow-1)) / inRow
		for column := range inRow {
			tile := area.part(column*(width+gap), row*(height+gap), width, height)
			font := tile.font(11, titleColor)
			tile.Text(tile.fit(tables[next].Title, width, font), 0, tile.px(12), 0, font)
			heading := tile.px(22)
			if err := tile.part(0, heading, width, height-heading).table(tables[next]); err != nil {
				return err
			}
			next++
		}
	}
	return nil
}

// table draws one table as charts, or as text.
func (c canvas) table(t *content.Table) error {
	if c.Width() < c.px(60) || c.Height() < c.px(40) {
		return nil // nothing could be recognised
	}
	if len(t.Rows) == 0 {
		fields := make([]string, len(t.Columns))
		for i, column := range t.Columns {
			fields[i] = column.Name
		}
		c.notice("There is no data to show.", strings.Join(fields, " · "))
		return nil
	}
	all := plots(t)
	if len(all) == 0 {
		c.textTable(t)
		return nil
	}
	height := c.Height() / len(all)
	for i, p := range all {
		if err := c.part(0, i*height, c.Width(), height).plot(p); err != nil {
			return err
		}
	}
	return nil
}

// notice draws lines of text in the middle; the first is the message.
func (c canvas) notice(lines ...string) {
	c.FilledRect(0, 0, c.Width(), c.Height(), headColor, lineColor, 1)
	y := c.Height()/2 - c.px(10)*(len(lines)-1)
	for i, line := range lines {
		font := c.font(12, textColor)
		if i > 0 {
			font = c.font(10, faintColor)
		}
		line = c.fit(line, c.Width()-c.px(24), font)
		c.Text(line, (c.Width()-c.textWidth(line, font))/2, y, 0, font)
		y += c.px(20)
	}
}

// plot draws one chart: its legend, the chart itself, and the heading of the axis below it.
func (c canvas) plot(p plot) error {
	label, heading := c.font(9, textColor), c.font(10, faintColor)
	legendHeight, headingHeight := 0, c.px(18)
	if len(p.series) > 1 && c.Height() > c.px(120) {
		legendHeight = c.legend(p)
	}
	area := c.part(0, legendHeight, c.Width(), c.Height()-legendHeight-headingHeight)
	if area.Width() < c.px(140) || area.Height() < c.px(60) { // no room for axes
		heading.FontColor, label.FontColor = charts.ColorTransparent, charts.ColorTransparent
		area = c.part(0, legendHeight, c.Width(), c.Height()-legendHeight)
	}
	padding := charts.NewBox(c.px(2), c.px(6), c.px(14), 0)
	values := charts.ValueAxisOption{
		LabelFontStyle: label, TitleFontStyle: heading, ValueFormatter: shortNumber,
		LabelCount: max(2, min(6, area.Height()/c.px(40))), SplitLineShow: new(true),
	}
	category := charts.CategoryAxisOption{LabelFontStyle: label}
	below := oneLine(p.category)
	defer func() {
		below = c.fit(below, c.Width(), heading)
		c.Text(below, (c.Width()-c.textWidth(below, heading))/2, c.Height()-c.px(2), 0, heading)
	}()
	if p.overTime {
		values.Title = c.fit(p.measure, area.Height(), heading)
		category.Labels = p.categories
		if category.LabelCount = area.labelsThatFit(p.categories, label); category.LabelCount == 0 {
			category.LabelFontStyle.FontColor = charts.ColorTransparent
		}
		category.BoundaryGap = new(true)
		values.Min, values.Max = axisEnds(p)
		opt := charts.NewLineChartOptionWithSeries(p.lines())
		opt.Theme, opt.Padding, opt.XAxis, opt.YAxis = theme(), padding, category, []charts.ValueAxisOption{values}
		opt.Legend.Show = new(false)
		opt.LineStrokeWidth = 2 * c.scale
		opt.Symbol.Shape = charts.SymbolNone
		opt.ValueFormatter = shortNumber
		return area.LineChart(opt)
	}
	// Names that do not fit side by side are put below each other, as many as there is room for.
	all := len(p.categories)
	most := max(1, (area.Height()-area.px(20))/area.px(max(13, float64(7*len(p.series)))))
	horizontal := all*area.px(20) > area.Width()
	if horizontal {
		p = p.first(min(all, most))
	}
	labels, widest := area.shorten(p.categories, area.Width()/3, label)
	if !horizontal && (widest+area.px(8))*all > area.Width()-area.px(70) {
		horizontal = true
		p = p.first(min(all, most))
		labels = labels[:len(p.categories)]
	}
	category.Labels, category.LabelCount = labels, len(labels)
	if horizontal {
		below = oneLine(p.measure)
		if all > most {
			below = fmt.Sprintf("%s (first %d of %d)", below, most, all)
		}
		p = p.reversed() // the chart counts from below
		slices.Reverse(labels)
		values.LabelCount = max(2, min(6, (area.Width()-widest)/c.px(80)))
	} else {
		values.Title = c.fit(p.measure, area.Height(), heading)
	}
	values.Min, values.Max = axisEnds(p)
	opt := charts.NewBarChartOptionWithSeries(p.bars())
	opt.Theme, opt.Padding, opt.CategoryAxis, opt.ValueAxis = theme(), padding, category, []charts.ValueAxisOption{values}
	opt.Horizontal = horizontal
	opt.Legend.Show = new(false)
	opt.ValueFormatter = shortNumber
	return area.BarChart(opt)
}

// axisEnds returns where the value axis starts and ends: at zero, unless there are values beyond; nil lets the chart
// choose.
func axisEnds(p plot) (low, high *float64) {
	below, above := false, false
	for _, s := range p.series {
		for _, v := range s.values {
			if v != charts.GetNullValue() {
				below, above = below || v < 0, above || v > 0
			}
		}
	}
	if !below {
		low = new(0.0)
	}
	if below && !above {
		high = new(0.0)
	}
	return low, high
}

// legend draws the names of the series and returns the height that it took.
func (c canvas) legend(p plot) int {
	font := c.font(9, textColor)
	x, y := 0, 0
	line, box := c.px(16), c.px(9)
	for i, s := range p.series {
		name := c.fit(s.name, c.Width()-c.px(30), font)
		width := box + c.px(5) + c.textWidth(name, font) + c.px(14)
		if x > 0 && x+width > c.Width() {
			x, y = 0, y+line
		}
		c.FilledRect(x, y, x+box, y+box, theme().GetSeriesColor(i), theme().GetSeriesColor(i), 0)
		c.Text(name, x+box+c.px(5), y+box, 0, font)
		x += width
	}
	return y + line + c.px(4)
}

func (p plot) lines() charts.LineSeriesList {
	var list charts.LineSeriesList
	for _, s := range p.series {
		list = append(list, charts.LineSeries{Name: s.name, Values: s.values})
	}
	return list
}

func (p plot) bars() charts.BarSeriesList {
	var list charts.BarSeriesList
	for _, s := range p.series {
		list = append(list, charts.BarSeries{Name: s.name, Values: s.values})
	}
	return list
}

// first returns the plot of the first categories only.
func (p plot) first(n int) plot {
	short := p
	short.categories = p.categories[:n]
	short.series = nil
	for _, s := range p.series {
		short.series = append(short.series, series{s.name, s.values[:n]})
	}
	return short
}

// reversed returns the plot with its categories and their values from last to first.
func (p plot) reversed() plot {
	back := p
	back.categories = slices.Clone(p.categories)
	slices.Reverse(back.categories)
	back.series = nil
	for _, s := range p.series {
		values := slices.Clone(s.values)
		slices.Reverse(values)
		back.series = append(back.series, series{s.name, values})
	}
	return back
}

// shorten returns the labels shortened to a width, and the width of the widest.
func (c canvas) shorten(labels []string, width int, font charts.FontStyle) (short []string, widest int) {
	for _, l := range labels {
		l = c.fit(l, width, font)
		short = append(short, l)
		widest = max(widest, c.textWidth(l, font))
	}
	return short, widest
}

// labelsThatFit returns how many of the labels can stand side by side along time. The chart centres each below its
// point, but ends the last at the edge: one step must have room for one and a half.
func (c canvas) labelsThatFit(labels []string, font charts.FontStyle) int {
	widest := 1
	for i := 0; i < len(labels); i += 1 + len(labels)/100 { // some are enough to know
		widest = max(widest, c.textWidth(labels[i], font))
	}
	perLabel := float64(c.Width()-c.px(70)) / float64(max(1, len(labels)-1))
	for n := len(labels); n > 2; n-- {
		step := float64((len(labels) - 1) / (n - 1)) // the shortest, as steps are whole
		if step*perLabel >= 1.5*float64(widest)+float64(c.px(10)) {
			return n
		}
	}
	if c.Width()-c.px(70) < 4*widest { // the chart shows three at least
		return 0
	}
	return 2
}

// textTable draws as many rows and columns as there is room for.
func (c canvas) textTable(t *content.Table) {
	font, head, faint := c.font(9.5, textColor), c.font(9.5, titleColor), c.font(9, faintColor)
	rowHeight := c.px(20)
	rows := t.Rows[:min(len(t.Rows), max(1, c.Height()/rowHeight-2))]
	x := 0
	c.FilledRect(0, 0, c.Width(), rowHeight, headColor, headColor, 0)
	for i, column := range t.Columns {
		widest := c.textWidth(oneLine(column.Name), head)
		for _, row := range rows {
			widest = max(widest, c.textWidth(oneLine(cellText(column, row[i])), font))
		}
		room := c.Width() - x
		if room < c.px(40) {
			break
		}
		width := min(widest+c.px(24), max(c.px(80), c.Width()/2), room)
		draw := func(text string, row int, font charts.FontStyle) {
			text = c.fit(text, width-c.px(16), font)
			left := x + c.px(8)
			if column.Numeric {
				left = x + width - c.px(8) - c.textWidth(text, font)
			}
			c.Text(text, left, row*rowHeight+c.px(14), 0, font)
		}
		draw(column.Name, 0, head)
		for n, row := range rows {
			draw(cellText(column, row[i]), n+1, font)
		}
		x += width
	}
	for n := range len(rows) + 1 {
		y := (n + 1) * rowHeight
		c.LineStroke([]charts.Point{{X: 0, Y: y}, {X: c.Width(), Y: y}}, lineColor, 1)
	}
	if more := len(t.Rows) - len(rows); more > 0 {
		c.Text(fmt.Sprintf("and %s more rows", thousands(strconv.Itoa(more))), c.px(8), (len(rows)+1)*rowHeight+c.px(14), 0, faint)
	}
}

// shortNumber writes a number for an axis: 1,500 as 1.5K.
func shortNumber(n float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e3, "K"}} {
		if math.Abs(n) >= unit.size {
			return strconv.FormatFloat(math.Round(n/unit.size*100)/100, 'f', -1, 64) + unit.name
		}
	}
	if math.Abs(n) >= 1 || n == 0 {
		return strconv.FormatFloat(math.Round(n*100)/100, 'f', -1, 64)
	}
	return strconv.FormatFloat(n, 'g', 3, 64)
}
