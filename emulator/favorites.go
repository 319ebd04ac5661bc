package emulator

import (
	"errors"
	"strings"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

func favoriteRoutes() []route {
	return []route{
		answered("GET", "/sites/{site}/favorites/{user}", "Get Favorites for User", "2.5", SignedIn, listFavorites),
		answered("PUT", "/sites/{site}/favorites/{user}", "Add Favorite", "2.0", SignedIn, addFavorite),
		answered("DELETE", "/sites/{site}/favorites/{user}/{kind}/{item}", "Delete Favorite", "2.0", SignedIn, removeFavorite),
		answered("PUT", "/sites/{site}/orderFavorites/{user}", "Organize Favorites", "3.8", SignedIn, orderFavorites),
	}
}

// favoriteKind is a kind of item that can be a favorite.
type favoriteKind struct {
	since    string                                                   // the API version from which on it can be one
	notFound int                                                      // the code when there is no such item
	find     func(tx *store.Tx, site int64, id string) (int64, error) // returns the seq
}

// favoriteKinds holds the kinds by the name of their elements; in paths and in the store an s follows it.
var favoriteKinds = map[string]favoriteKind{
	"workbook": {"2.0", workbookNotFound, func(tx *store.Tx, site int64, id string) (int64, error) {
		w, err := tx.Workbook(site, id)
		return w.Seq, err
	}},
	"view": {"2.0", viewNotFound, func(tx *store.Tx, site int64, id string) (int64, error) {
		v, err := tx.View(site, id)
		return v.Seq, err
	}},
	"project": {"3.1", projectNotFound, func(tx *store.Tx, site int64, id string) (int64, error) {
		p, err := tx.Project(site, id)
		return p.Seq, err
	}},
	"datasource": {"2.3", dataSourceNotFound, func(tx *store.Tx, site int64, id string) (int64, error) {
		d, err := tx.DataSource(site, id)
		return d.Seq, err
	}},
	"flow":       {"3.3", resourceNotFound, findNothing},
	"metric":     {"3.3", resourceNotFound, findNothing},
	"collection": {"3.15", resourceNotFound, findNothing},
}

// findNothing finds items of kinds that the server does not keep.
func findNothing(*store.Tx, int64, string) (int64, error) { return 0, store.ErrNotFound }

// favoriteItem returns the table and the seq of an item.
func (c *call) favoriteItem(tx *store.Tx, name, id string) (kind string, seq int64, err error) {
	k := favoriteKinds[name]
	seq, err = k.find(tx, c.site.Seq, id)
	return name + "s", seq, orNotFound(err, k.notFound, strings.ToUpper(name[:1])+name[1:], id)
}

// favoritesUser returns the user of the path: the caller, or anyone when the caller is an administrator.
func (c *call) favoritesUser(tx *store.Tx) (store.User, error) {
	u, err := c.pathUser(tx)
	if err == nil && u.Seq != c.user.Seq && !isSiteAdmin(c.user) {
		err = fail(forbidden, "Only a site administrator may use the favorites of another user.")
	}
	return u, err
}

// securedFavorite is the item, which a user keeps as a favorite but sees only while allowed to.
func securedFavorite(f store.Favorite) secured {
	switch {
	case f.Workbook != nil:
		return securedWorkbook(*f.Workbook)
	case f.View != nil:
		return securedView(*f.View)
	case f.DataSource != nil:
		return securedDataSource(*f.DataSource)
	}
	return securedProject(*f.Project)
}

func (c *call) favoriteElement(f store.Favorite) *tsxml.Element {
	e := tsxml.New("favorite", "label", f.Label)
	e.SetTime("addedAt", f.Added)
	switch {
	case f.Workbook != nil:
		e.Set("parentProjectName", f.Workbook.Project.Name).Set("targetOwnerName", f.Workbook.Owner.Name).Add(c.workbookElement(*f.Workbook))
	case f.View != nil:
		w := f.View.Workbook
		e.Set("parentProjectName", w.Project.Name).Set("targetOwnerName", w.Owner.Name).Add(viewElement(*f.View, false))
	case f.DataSource != nil:
		d := f.DataSource
		e.Set("parentProjectName", d.Project.Name).Set("targetOwnerName", d.Owner.Name).Add(c.dataSourceElement(*d))
	case f.Project != nil:
		e.Set("targetOwnerName", f.Project.Owner.Name).Add(c.projectElement(*f.Project))
	}
	return e
}

// listFavorites answers the whole list as its first page, whatever the page size: the answer has no pagination by which
// a caller could see that there is more.
func listFavorites(c *call) (*tsxml.Element, error) {
	q, err := c.listQuery()
	if err != nil {
		return nil, err
	}
	if c.page.number > 1 {
		return nil, fail(badPageNumber, "The page number %d is beyond the last page: favorites are one page.", c.page.number)
	}
	q.Limit, c.page = 0, nil
	var found []store.Favorite
	err = c.store.Read(c.ctx(), func(tx *store.Tx) error {
		u, err := c.favoritesUser(tx)
		if err != nil {
			return err
		}
		all, err := tx.Favorites(u.Seq, q)
		for _, f := range all {
			readable := false
			if err == nil {
				readable, err = may(tx, u, "Read", securedFavorite(f))
			}
			if readable && f.Project != nil {
				err = c.noteWritable(tx, f.Project)
			}
			if readable {
				found = append(found, f)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	list := tsxml.List("favorites")
	for i, f := range found {
		list.Add(c.favoriteElement(f).SetInt("position", int64(i)+1))
	}
	return list, nil
}

func addFavorite(c *call) (*tsxml.Element, error) {
	wanted, err := c.payload("favorite")
	if err != nil {
		return nil, err
	}
	label := strings.TrimSpace(wanted.Attr("label"))
	if label == "" || len(wanted.Children) != 1 {
		return nil, incomplete("A favorite needs a label and one item.")
	}
	item := wanted.Children[0]
	if kind, ok := favoriteKinds[item.Name]; !ok || c.version.before(mustVersion(kind.since)) {
		return nil, incomplete("A <%s> cannot be a favorite.", item.Name)
	}
	var f store.Favorite
	err = c.store.Write(c.ctx(), func(tx *store.Tx) error {
		u, err := c.favoritesUser(tx)
		if err != nil {
			return err
		}
		kind, seq, err := c.favoriteItem(tx, item.Name, item.Attr("id"))
		if err != nil {
			return err
		}
		if err := tx.AddFavorite(u.Seq, kind, seq, label, c.now()); err != nil {
			return err
		}
		if f, err = tx.Favorite(u.Seq, kind, seq); err != nil {
			return err
		}
		if f.Project != nil {
			if err := c.noteWritable(tx, f.Project); err != nil {
				return err
			}
		}
		return must(tx, u, "Read", securedFavorite(f))
	})
	if err != nil {
		return nil, err
	}
	return tsxml.List("favorites", c.favoriteElement(f)), nil
}

func removeFavorite(c *call) (*tsxml.Element, error) {
	name, plural := strings.CutSuffix(c.id("kind"), "s")
	kind, ok := favoriteKinds[name]
	if !ok || !plural || c.version.before(mustVersion(kind.since)) {
		return nil, fail(resourceNotFound, "Unknown resource '%s' specified in URI.", strings.TrimPrefix(c.request.URL.Path, "/api"))
	}
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		u, err := c.favoritesUser(tx)
		if err != nil {
			return err
		}
		table, seq, err := c.favoriteItem(tx, name, c.id("item"))
		if err != nil {
			return err
		}
		removed, err := tx.RemoveFavorite(u.Seq, table, seq)
		if err == nil && !removed {
			err = fail(kind.notFound, "The %s '%s' is not a favorite of '%s'.", name, c.id("item"), u.Name)
		}
		return err
	})
}

// orderFavorites moves favorites behind others, one after the other, all or none.
func orderFavorites(c *call) (*tsxml.Element, error) {
	wanted, err := c.payload("favoriteOrderings")
	if err != nil {
		return nil, err
	}
	return nil, c.store.Write(c.ctx(), func(tx *store.Tx) error {
		u, err := c.favoritesUser(tx)
		if err != nil {
			return err
		}
		for _, one := range wanted.Children {
			moved, err := c.favoriteNamed(tx, u, one.Attr("favoriteType"), one.Attr("favoriteId"))
			if err != nil {
				return err
			}
			after, err := c.favoriteNamed(tx, u, one.Attr("favoriteTypeMoveAfter"), one.Attr("favoriteIdMoveAfter"))
			if err != nil {
				return err
			}
			if err := tx.MoveFavorite(u.Seq, moved, after); err != nil {
				return err
			}
		}
		return nil
	})
}

// favoriteNamed returns a user's favorite.
func (c *call) favoriteNamed(tx *store.Tx, u store.User, name, id string) (f store.Favorite, err error) {
	kind, ok := favoriteKinds[name]
	if !ok {
		return f, incomplete("A %s cannot be a favorite.", name)
	}
	table, seq, err := c.favoriteItem(tx, name, id)
	if err != nil {
		return f, err
	}
	f, err = tx.Favorite(u.Seq, table, seq)
	if errors.Is(err, store.ErrNotFound) {
		err = fail(kind.notFound, "The %s '%s' is not a favorite of '%s'.", name, id, u.Name)
	}
	return f, err
}
