package emulator

import "github.com/tabctl/tableau-go/internal/tsxml"

func absentRoutes() []route {
	return []route{
		answered("GET", "/sites/{site}/flows", "Query Flows for Site", "3.3", SignedIn, listFlows).but("there are none: flows cannot be published"),
		answered("GET", "/sites/{site}/customviews", "List Custom Views", "3.18", SignedIn, listCustomViews).but("there are none: they cannot be made"),
		answered("GET", "/sites/{site}/webhooks", "List Webhooks", "3.6", SiteAdministrator, listWebhooks).but("there are none: they cannot be made"),
	}
}

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
