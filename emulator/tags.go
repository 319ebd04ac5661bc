package emulator

import (
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func tagRoutes() []route {
	const deleting = "who added a tag is not kept: deleting one takes the right to change the item"
	return []route{
		answered("PUT", "/sites/{site}/workbooks/{workbook}/tags", "Add Tags to Workbook", "2.0", SignedIn, addWorkbookTags),
		answered("DELETE", "/sites/{site}/workbooks/{workbook}/tags/{tag}", "Delete Tag from Workbook", "2.0", SignedIn, deleteWorkbookTag).
			but(deleting),
		answered("PUT", "/sites/{site}/views/{view}/tags", "Add Tags to View", "2.0", SignedIn, addViewTags),
		answered("DELETE", "/sites/{site}/views/{view}/tags/{tag}", "Delete Tag from View", "2.0", SignedIn, deleteViewTag).
			but(deleting),
		answered("PUT", "/sites/{site}/datasources/{datasource}/tags", "Add Tags to Data Source", "2.6", SignedIn, addDataSourceTags),
		answered("DELETE", "/sites/{site}/datasources/{datasource}/tags/{tag}", "Delete Tag from Data Source", "2.6", SignedIn, deleteDataSourceTag).
			but(deleting),
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

// tagged finds an item, on which the caller must have a capability, by the kind that paths and, in any case, batches name: its
// table, and its seq.
var tagged = map[string]func(c *call, tx *store.Tx, id, capability string) (table string, seq int64, err error){
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

// labelsIn reads <tags>.
func labelsIn(tags *tsxml.Element) ([]string, error) {
	if tags == nil {
		return nil, nil
	}
	var labels []string
	for _, tag := range tags.Children {
		label := strings.TrimSpace(tag.Attr("label"))
		if tag.Name != "tag" || label == "" {
			return nil, incomplete("Each <tag> needs a label.")
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

func (c *call) addTags(kind string) (*tsxml.Element, error) {
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
		table, seq, err := tagged[kind](c, tx, c.id(kind), "Read")
		if err != nil {
			return err
		}
		if err := tx.AddTags(table, seq, labels); err != nil {
			return err
		}
		labels, err = tx.Tags(table, seq)
		return err
	})
	return tagsElement(labels), err
}

func (c *call) deleteTag(kind string) (*tsxml.Element, error) {
	label := c.id("tag")
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		table, seq, err := tagged[kind](c, tx, c.id(kind), "Write")
		if err != nil {
			return err
		}
		labels, err := tx.Tags(table, seq)
		if err != nil {
			return err
		}
		if !slices.Contains(labels, label) {
			return fail(tagNotFound, "Tag '%s' could not be found.", label)
		}
		return tx.RemoveTag(table, seq, label)
	})
}

// tagBatch does the same to many items, on which the caller must have a capability, or nothing at all.
func (c *call) tagBatch(capability string, apply func(tx *store.Tx, table string, seq int64, labels []string) error) (*tsxml.Element, error) {
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
		return nil, incomplete("A <tagBatch> needs <tags> and <contents>.")
	}
	e := tsxml.New("tagBatch").Add(tagsElement(labels))
	changed := tsxml.List("contents")
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		for _, one := range contents.Children {
			find, ok := tagged[strings.ToLower(one.Attr("contentType"))]
			if !ok {
				return fail(badRequest, "The contentType '%s' has no tags.", one.Attr("contentType"))
			}
			table, seq, err := find(c, tx, one.Attr("id"), capability)
			if err != nil {
				return err
			}
			if err := apply(tx, table, seq, labels); err != nil {
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
	return c.tagBatch("Write", func(tx *store.Tx, table string, seq int64, labels []string) error {
		for _, label := range labels {
			if err := tx.RemoveTag(table, seq, label); err != nil {
				return err
			}
		}
		return nil
	})
}

func addWorkbookTags(c *call) (*tsxml.Element, error)     { return c.addTags("workbook") }
func deleteWorkbookTag(c *call) (*tsxml.Element, error)   { return c.deleteTag("workbook") }
func addViewTags(c *call) (*tsxml.Element, error)         { return c.addTags("view") }
func deleteViewTag(c *call) (*tsxml.Element, error)       { return c.deleteTag("view") }
func addDataSourceTags(c *call) (*tsxml.Element, error)   { return c.addTags("datasource") }
func deleteDataSourceTag(c *call) (*tsxml.Element, error) { return c.deleteTag("datasource") }
