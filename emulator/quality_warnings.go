package emulator

import (
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

var warningTypes = []string{"WARNING", "DEPRECATED", "STALE", "SENSITIVE_DATA", "MAINTENANCE"}

// warned is an item that data quality warnings can be about.
type warned struct {
	kind string // its table
	seq  int64
}

// warnedContent finds the item of the path that warnings can be about, by the word for its kind in paths. change says whether
// the caller wants to change its warnings.
var warnedContent = map[string]func(c *call, tx *store.Tx, change bool) (warned, error){
	"datasource": func(c *call, tx *store.Tx, change bool) (warned, error) {
		c.request.SetPathValue("datasource", c.id("item"))
		find := c.pathDatasource
		if change {
			find = c.changeableDatasource
		}
		d, err := find(tx)
		return warned{"datasources", d.Seq}, err
	},
}

func (c *call) warned(tx *store.Tx, change bool) (warned, error) {
	find := warnedContent[strings.ToLower(c.id("content"))]
	if find == nil {
		return warned{}, fail(badRequest, "The content type '%s' has no data quality warnings.", c.id("content"))
	}
	return find(c, tx, change)
}

// warningElement is a warning about the item with an id, whose kind has this name in paths.
func (c *call) warningElement(q store.QualityWarning, content, id string) *tsxml.Element {
	e := tsxml.New("dataQualityWarning", "id", q.ID).SetIf("userDisplayName", q.OwnerName)
	e.Set("contentId", id).Set("contentType", strings.ToUpper(content)).Set("message", q.Message).Set("type", q.Type)
	e.SetBool("isActive", q.Active).SetBool("isSevere", q.Severe).SetTime("createdAt", q.Created).SetTime("updatedAt", q.Updated)
	e.Add(tsxml.New("site", "id", c.site.ID))
	if q.OwnerID != "" {
		e.Add(tsxml.New("owner", "id", q.OwnerID))
	}
	return e
}

// changeWarning takes over what a request says about a warning.
func changeWarning(q *store.QualityWarning, e *tsxml.Element) (err error) {
	if kind, ok := e.Lookup("type"); ok {
		if q.Type = matching(warningTypes, kind); q.Type == "" {
			return fail(badRequest, "The type '%s' of a data quality warning is not known: use one of %s.", kind, strings.Join(warningTypes, ", "))
		}
	}
	if message, ok := e.Lookup("message"); ok {
		q.Message = message
	}
	if q.Active, err = flag(e, "isActive", q.Active); err == nil {
		q.Severe, err = flag(e, "isSevere", q.Severe)
	}
	return err
}

func listWarnings(c *call) (*tsxml.Element, error) {
	list := tsxml.List("dataQualityWarningList")
	err := c.store.Read(c.ctx(), func(tx *store.Tx) error {
		item, err := c.warned(tx, false)
		if err != nil {
			return err
		}
		found, err := tx.QualityWarnings(item.kind, item.seq)
		for _, q := range found {
			list.Add(c.warningElement(q, c.id("content"), c.id("item")))
		}
		return err
	})
	return list, err
}

// addWarning adds a warning. An item has one of each type: adding one that it has changes that one.
func addWarning(c *call) (*tsxml.Element, error) {
	wanted, err := c.payload("dataQualityWarning")
	if err != nil {
		return nil, err
	}
	q := store.QualityWarning{ID: newID(), Site: c.site.Seq, Owner: c.user.Seq, OwnerID: c.user.ID, OwnerName: c.user.FullName,
		Active: true, Created: c.now(), Updated: c.now()}
	if q.OwnerName == "" {
		q.OwnerName = c.user.Name
	}
	if err := changeWarning(&q, wanted); err != nil {
		return nil, err
	}
	if q.Type == "" {
		return nil, fail(badPayload, "Payload is either malformed or incomplete. The data quality warning has no type.")
	}
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		item, err := c.warned(tx, true)
		if err != nil {
			return err
		}
		q.Kind, q.Item = item.kind, item.seq
		all, err := tx.QualityWarnings(q.Kind, q.Item)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(all, func(old store.QualityWarning) bool { return old.Type == q.Type }); i >= 0 {
			q.Seq, q.ID, q.Created = all[i].Seq, all[i].ID, all[i].Created
			return tx.UpdateQualityWarning(q)
		}
		return tx.AddQualityWarning(q)
	})
	if err != nil {
		return nil, err
	}
	return c.warningElement(q, c.id("content"), c.id("item")), nil
}

// updateWarning changes the warning of an item, the oldest when it has several.
func updateWarning(c *call) (*tsxml.Element, error) {
	change, err := c.payload("dataQualityWarning")
	if err != nil {
		return nil, err
	}
	var q store.QualityWarning
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		item, err := c.warned(tx, true)
		if err != nil {
			return err
		}
		all, err := tx.QualityWarnings(item.kind, item.seq)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return fail(resourceNotFound, "A data quality warning of %s '%s' could not be found.", c.id("content"), c.id("item"))
		}
		q = all[0]
		if err := changeWarning(&q, change); err != nil {
			return err
		}
		q.Updated = c.now()
		return tx.UpdateQualityWarning(q)
	})
	if err != nil {
		return nil, err
	}
	return c.warningElement(q, c.id("content"), c.id("item")), nil
}

// deleteWarnings deletes all warnings of an item.
func deleteWarnings(c *call) (*tsxml.Element, error) {
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		item, err := c.warned(tx, true)
		if err != nil {
			return err
		}
		all, err := tx.QualityWarnings(item.kind, item.seq)
		for _, q := range all {
			if err := tx.DeleteQualityWarning(q.Seq); err != nil {
				return err
			}
		}
		return err
	})
}
