package tsxml

import (
	"testing"
	"time"
)

func TestEncodeRequest(t *testing.T) {
	t.Parallel()
	type owner struct {
		ID string `xml:"id,attr"`
	}
	type tags struct {
		Tag []string `xml:"tag"`
	}
	type update struct {
		Name        string     `xml:"name,attr,omitempty"`
		Description *string    `xml:"description,attr,omitempty"`
		ShowTabs    *bool      `xml:"showTabs,attr,omitempty"`
		EndsAt      *time.Time `xml:"endsAt,attr,omitempty"`
		Owner       *owner     `xml:"owner,omitempty"`
		Tags        *tags      `xml:"tags,omitempty"`
	}
	tests := []struct {
		name     string
		children []Child
		want     string
	}{
		{"nothing", nil, ""},
		{"nil values", []Child{{"workbook", nil}, {"workbook", (*update)(nil)}}, ""},
		{"empty struct", []Child{{"workbook", update{}}}, `<tsRequest><workbook></workbook></tsRequest>`},
		{
			"set and not set",
			[]Child{{"workbook", &update{Description: new(""), ShowTabs: new(false), Owner: &owner{"o1"}, Tags: &tags{[]string{"a", "b"}}}}},
			`<tsRequest><workbook description="" showTabs="false"><owner id="o1"></owner><tags><tag>a</tag><tag>b</tag></tags></workbook></tsRequest>`,
		},
		{
			"escapes",
			[]Child{{"workbook", update{Name: "<a> & \"b\"\n'c'", Tags: &tags{[]string{"<x>&"}}}}},
			`<tsRequest><workbook name="&lt;a&gt; &amp; &#34;b&#34;&#xA;&#39;c&#39;"><tags><tag>&lt;x&gt;&amp;</tag></tags></workbook></tsRequest>`,
		},
		{
			"several, with time and plain text",
			[]Child{{"site", owner{"s"}}, {"job", update{EndsAt: new(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))}}, {"note", "a<b"}},
			`<tsRequest><site id="s"></site><job endsAt="2026-01-02T03:04:05Z"></job><note>a&lt;b</note></tsRequest>`,
		},
	}
	for _, test := range tests {
		got, err := EncodeRequest(test.children...)
		if err != nil || string(got) != test.want || test.want == "" && got != nil {
			t.Errorf("%s:\n got %s, error %v\nwant %s", test.name, got, err, test.want)
		}
	}
	if _, err := EncodeRequest(Child{"workbook", make(chan int)}); err == nil {
		t.Error("a channel is accepted")
	}
}
