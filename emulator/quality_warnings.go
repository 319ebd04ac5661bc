package emulator

import (
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func qualityWarningRoutes() []route {
	return []route{
		answered("GET", "/sites/{site}/dataQualityWarnings/{content}/{item}", "Query Data Quality Warning by Content", "3.5", SignedIn, listWarnings),
		answered("POST", "/sites/{site}/dataQualityWarnings/{content}/{item}", "Add Data Quality Warning", "3.5", SignedIn, addWarning),
		answered("PUT", "/sites/{site}/dataQualityWarnings/{content}/{item}", "Update Data Quality Warning by Content", "3.5", SignedIn, updateWarnings),
		answered("DELETE", "/sites/{site}/dataQualityWarnings/{content}/{item}", "Delete Data Quality Warning by Content", "3.5", SignedIn, deleteWarnings),
		answered("GET", "/sites/{site}/dataQualityWarnings/{warning}", "Query Data Quality Warning by ID", "3.5", SignedIn, getWarning),
		answered("PUT", "/sites/{site}/dataQualityWarnings/{warning}", "Update Data Quality Warning", "3.5", SignedIn, updateWarning),
		answered("DELETE", "/sites/{site}/dataQualityWarnings/{warning}", "Delete Data Quality Warning by ID", "3.5", SignedIn, deleteWarning),
	}
}

var warningTypes = []string{"WARNING", "DEPRECATED", "STALE", "SENSITIVE_DATA", "MAINTENANCE"}

// warned returns the data source of the path, on which the caller must have a capability. Nothing else here has warnings.
func (c *call) warned(tx *store.Tx, capability string) (store.DataSource, error) {
	if !strings.EqualFold(c.id("content"), "datasource") {
		return store.DataSource{}, fail(badRequest, "The content type '%s' has no data quality warnings.", c.id("content"))
	}
	return c.dataSourceByID(tx, c.id("item"), capability)
}

func (c *call) warningElement(q store.QualityWarning) *tsxml.Element {
	e := tsxml.New("dataQualityWarning", "id", q.ID).SetIf("userDisplayName", q.OwnerName)
	e.Set("contentId", q.ContentID).Set("contentType", strings.ToUpper(q.Content)).Set("message", q.Message).Set("type", q.Type)
	e.SetBool("isActive", q.Active).SetBool("isSevere", q.Severe).SetTime("createdAt", q.Created).SetTime("updatedAt", q.Updated)
	e.Add(tsxml.New("site", "id", c.site.ID))
	if q.OwnerID != "" {
		e.Add(tsxml.New("owner", "id", q.OwnerID))
	}
	return e
}

// warningsOf lists the warnings of a data source.
func (c *call) warningsOf(tx *store.Tx, d store.DataSource) (*tsxml.Element, error) {
	list := tsxml.List("dataQualityWarningList")
	found, err := tx.QualityWarnings("datasources", d.Seq)
	for _, q := range found {
		list.Add(c.warningElement(q))
	}
	return list, err
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
	return read(c, func(tx *store.Tx) (*tsxml.Element, error) {
		d, err := c.warned(tx, "Read")
		if err != nil {
			return nil, err
		}
		return c.warningsOf(tx, d)
	})
}

// addWarning adds a warning. An item has one of each type: adding one that it has changes that one.
func addWarning(c *call) (list *tsxml.Element, err error) {
	wanted, err := c.payload("dataQualityWarning")
	if err != nil {
		return nil, err
	}
	q := store.QualityWarning{ID: newID(), Site: c.site.Seq, Owner: c.user.Seq, Active: true, Created: c.now(), Updated: c.now()}
	if err := changeWarning(&q, wanted); err != nil {
		return nil, err
	}
	if q.Type == "" {
		return nil, incomplete("The data quality warning has no type.")
	}
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		d, err := c.warned(tx, "Write")
		if err != nil {
			return err
		}
		q.Content, q.ContentID, q.Kind, q.Item = strings.ToLower(c.id("content")), c.id("item"), "datasources", d.Seq
		all, err := tx.QualityWarnings(q.Kind, q.Item)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(all, func(old store.QualityWarning) bool { return old.Type == q.Type }); i >= 0 {
			q.Seq = all[i].Seq
			err = tx.UpdateQualityWarning(q)
		} else {
			err = tx.AddQualityWarning(q)
		}
		if err != nil {
			return err
		}
		list, err = c.warningsOf(tx, d)
		return err
	})
	return list, err
}

// updateWarnings changes the warning of an item, the oldest when it has several.
func updateWarnings(c *call) (list *tsxml.Element, err error) {
	change, err := c.payload("dataQualityWarning")
	if err != nil {
		return nil, err
	}
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		d, err := c.warned(tx, "Write")
		if err != nil {
			return err
		}
		all, err := tx.QualityWarnings("datasources", d.Seq)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return fail(resourceNotFound, "A data quality warning of %s '%s' could not be found.", c.id("content"), c.id("item"))
		}
		q := all[0]
		if err := changeWarning(&q, change); err != nil {
			return err
		}
		q.Updated = c.now()
		if err := tx.UpdateQualityWarning(q); err != nil {
			return err
		}
		list, err = c.warningsOf(tx, d)
		return err
	})
	return list, err
}

// deleteWarnings deletes all warnings of an item.
func deleteWarnings(c *call) (*tsxml.Element, error) {
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		d, err := c.warned(tx, "Write")
		if err != nil {
			return err
		}
		all, err := tx.QualityWarnings("datasources", d.Seq)
		for _, q := range all {
			if err := tx.DeleteQualityWarning(q.Seq); err != nil {
				return err
			}
		}
		return err
	})
}

// pathWarning returns the warning of the path. On what it is about the caller must have a capability.
func (c *call) pathWarning(tx *store.Tx, capability string) (store.QualityWarning, error) {
	q, err := tx.QualityWarning(c.site.Seq, c.id("warning"))
	if err != nil {
		return q, orNotFound(err, resourceNotFound, "Data quality warning", c.id("warning"))
	}
	_, err = c.dataSourceByID(tx, q.ContentID, capability)
	return q, err
}

func getWarning(c *call) (*tsxml.Element, error) {
	q, err := read(c, func(tx *store.Tx) (store.QualityWarning, error) { return c.pathWarning(tx, "Read") })
	return c.warningElement(q), err
}

func updateWarning(c *call) (*tsxml.Element, error) {
	change, err := c.payload("dataQualityWarning")
	if err != nil {
		return nil, err
	}
	var q store.QualityWarning
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		if q, err = c.pathWarning(tx, "Write"); err != nil {
			return err
		}
		if err := changeWarning(&q, change); err != nil {
			return err
		}
		q.Updated = c.now()
		return tx.UpdateQualityWarning(q)
	})
	if err != nil {
		return nil, err
	}
	return c.warningElement(q), nil
}

func deleteWarning(c *call) (*tsxml.Element, error) {
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		q, err := c.pathWarning(tx, "Write")
		if err != nil {
			return err
		}
		return tx.DeleteQualityWarning(q.Seq)
	})
}
