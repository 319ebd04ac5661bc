package emulator

import (
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func tagRoutes() []route {
	return []route{
		answered("PUT", "/sites/{site}/workbooks/{workbook}/tags", "Add Tags to Workbook", "2.0", SignedIn, addWorkbookTags),
		answered("DELETE", "/sites/{site}/workbooks/{workbook}/tags/{tag}", "Delete Tag from Workbook", "2.0", SignedIn, deleteWorkbookTag).
			but("who added a tag is not kept: deleting one takes the right to change the item"),
		answered("PUT", "/sites/{site}/views/{view}/tags", "Add Tags to View", "2.0", SignedIn, addViewTags),
		answered("DELETE", "/sites/{site}/views/{view}/tags/{tag}", "Delete Tag from View", "2.0", SignedIn, deleteViewTag).
			but("who added a tag is not kept: deleting one takes the right to change the item"),
		answered("PUT", "/sites/{site}/tags:batchCreate", "Batch Add Tags", "3.9", SignedIn, addTagBatch),
		answered("PUT", "/sites/{site}/tags:batchDelete", "Batch Delete Tags", "3.9", SignedIn, deleteTagBatch),
	}
}

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

// labelsIn reads <tags>.
func labelsIn(tags *tsxml.Element) ([]string, error) {
	if tags == nil {
		return nil, nil
	}
	var labels []string
	for _, tag := range tags.Children {
		label := strings.TrimSpace(tag.Attr("label"))
		if tag.Name != "tag" || label == "" {
			return nil, fail(badPayload, "Payload is either malformed or incomplete. Each <tag> needs a label.")
		}
		labels = append(labels, label)
	}
	return labels, nil
}

func (c *call) mustTag() error {
	if roleAllows(c.user, "WebAuthoring") {
		return nil
	}
	return fail(forbidden, "The site role %s does not allow to tag.", c.user.SiteRole)
}

func (c *call) addTags(find tagged) (*tsxml.Element, error) {
	if err := c.mustTag(); err != nil {
		return nil, err
	}
	wanted, err := c.payload("tags")
	if err != nil {
		return nil, err
	}
	labels, err := labelsIn(wanted)
	if err != nil {
		return nil, err
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

// batchTagged finds an item that a batch of tags is for, by the lower-cased contentType of the request: its table, and its seq.
// The caller must have a capability on it.
var batchTagged = map[string]func(c *call, tx *store.Tx, id, capability string) (kind string, seq int64, err error){
	"workbook": func(c *call, tx *store.Tx, id, capability string) (string, int64, error) {
		w, err := c.workbookByID(tx, id, capability)
		return "workbooks", w.Seq, err
	},
	"view": func(c *call, tx *store.Tx, id, capability string) (string, int64, error) {
		v, err := c.viewByID(tx, id, capability)
		return "views", v.Seq, err
	},
	"datasource": func(c *call, tx *store.Tx, id, capability string) (string, int64, error) {
		d, err := c.dataSourceByID(tx, id, capability)
		return "datasources", d.Seq, err
	},
}

// tagBatch does the same to many items, on which the caller must have a capability, or nothing at all.
func (c *call) tagBatch(capability string, apply func(tx *store.Tx, kind string, seq int64, labels []string) error) (*tsxml.Element, error) {
	if err := c.mustTag(); err != nil {
		return nil, err
	}
	batch, err := c.payload("tagBatch")
	if err != nil {
		return nil, err
	}
	labels, err := labelsIn(batch.Child("tags"))
	if err != nil {
		return nil, err
	}
	contents := batch.Child("contents")
	if len(labels) == 0 || contents == nil || len(contents.Children) == 0 {
		return nil, fail(badPayload, "Payload is either malformed or incomplete. A <tagBatch> needs <tags> and <contents>.")
	}
	e := tsxml.New("tagBatch").Add(tagsElement(labels))
	changed := tsxml.List("contents")
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		for _, one := range contents.Children {
			find, ok := batchTagged[strings.ToLower(one.Attr("contentType"))]
			if !ok {
				return fail(badRequest, "The contentType '%s' has no tags.", one.Attr("contentType"))
			}
			kind, seq, err := find(c, tx, one.Attr("id"), capability)
			if err != nil {
				return err
			}
			if err := apply(tx, kind, seq, labels); err != nil {
				return err
			}
			changed.Add(tsxml.New("content", "id", one.Attr("id"), "contentType", one.Attr("contentType")))
		}
		return nil
	})
	return e.Add(changed), err
}

func addTagBatch(c *call) (*tsxml.Element, error) { return c.tagBatch("Read", (*store.Tx).AddTags) }

// deleteTagBatch takes tags off; items that lack one stay as they are.
func deleteTagBatch(c *call) (*tsxml.Element, error) {
	return c.tagBatch("Write", func(tx *store.Tx, kind string, seq int64, labels []string) error {
		for _, label := range labels {
			if err := tx.RemoveTag(kind, seq, label); err != nil {
				return err
			}
		}
		return nil
	})
}

func addWorkbookTags(c *call) (*tsxml.Element, error)   { return c.addTags(taggedWorkbook) }
func deleteWorkbookTag(c *call) (*tsxml.Element, error) { return c.deleteTag(untaggedWorkbook) }
func addViewTags(c *call) (*tsxml.Element, error)       { return c.addTags(taggedView) }
func deleteViewTag(c *call) (*tsxml.Element, error)     { return c.deleteTag(untaggedView) }
