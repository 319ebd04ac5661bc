package emulator

import (
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func tagsElement(labels []string) *tsxml.Element {
	list := tsxml.List("tags")
	for _, label := range labels {
		list.Add(tsxml.New("tag", "label", label))
	}
	return list
}

// tagged finds the item of the path: its table, and its seq.
type tagged func(*call, *store.Tx) (kind string, seq int64, err error)

func taggedWorkbook(c *call, tx *store.Tx) (string, int64, error) {
	w, err := c.pathWorkbook(tx)
	return "workbooks", w.Seq, err
}

func taggedView(c *call, tx *store.Tx) (string, int64, error) {
	v, err := c.pathView(tx)
	return "views", v.Seq, err
}

// What a tag is taken off takes the right to change it, because who added a tag is not kept.

func untaggedWorkbook(c *call, tx *store.Tx) (string, int64, error) {
	w, err := c.changeableWorkbook(tx)
	return "workbooks", w.Seq, err
}

func untaggedView(c *call, tx *store.Tx) (string, int64, error) {
	v, err := c.viewFor(tx, "Write")
	return "views", v.Seq, err
}

func (c *call) addTags(find tagged) (*tsxml.Element, error) {
	if !roleAllows(c.user, "WebAuthoring") {
		return nil, fail(forbidden, "The site role %s does not allow to tag.", c.user.SiteRole)
	}
	wanted, err := c.payload("tags")
	if err != nil {
		return nil, err
	}
	var labels []string
	for _, tag := range wanted.Children {
		label := strings.TrimSpace(tag.Attr("label"))
		if tag.Name != "tag" || label == "" {
			return nil, fail(badPayload, "Payload is either malformed or incomplete. Each <tag> needs a label.")
		}
		labels = append(labels, label)
	}
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		kind, seq, err := find(c, tx)
		if err != nil {
			return err
		}
		if err := tx.AddTags(kind, seq, labels); err != nil {
			return err
		}
		labels, err = tx.Tags(kind, seq)
		return err
	})
	return tagsElement(labels), err
}

func (c *call) deleteTag(find tagged) (*tsxml.Element, error) {
	label := c.id("tag")
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		kind, seq, err := find(c, tx)
		if err != nil {
			return err
		}
		labels, err := tx.Tags(kind, seq)
		if err != nil {
			return err
		}
		if !slices.Contains(labels, label) {
			return fail(tagNotFound, "Tag '%s' could not be found.", label)
		}
		return tx.RemoveTag(kind, seq, label)
	})
}

func addWorkbookTags(c *call) (*tsxml.Element, error)   { return c.addTags(taggedWorkbook) }
func deleteWorkbookTag(c *call) (*tsxml.Element, error) { return c.deleteTag(untaggedWorkbook) }
func addViewTags(c *call) (*tsxml.Element, error)       { return c.addTags(taggedView) }
func deleteViewTag(c *call) (*tsxml.Element, error)     { return c.deleteTag(untaggedView) }
