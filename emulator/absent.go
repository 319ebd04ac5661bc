package emulator

import "github.com/tabctl/tableau-go/internal/tsxml"

// Programs look for kinds of content that nobody can bring here: there is none.

func listFlows(c *call) (*tsxml.Element, error)       { return c.emptyPage("flows") }
func listCustomViews(c *call) (*tsxml.Element, error) { return c.emptyPage("customViews") }
func listWebhooks(*call) (*tsxml.Element, error)      { return tsxml.List("webhooks"), nil }

// emptyPage is the first page of a list without items.
func (c *call) emptyPage(element string) (*tsxml.Element, error) {
	if _, err := c.listQuery(); err != nil {
		return nil, err
	}
	return tsxml.List(element), c.counted(0)
}
