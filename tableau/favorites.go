package tableau

import (
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"iter"
	"time"
)

// FavoritesService calls the favorites methods.
type FavoritesService service

// Favorite is an item that a user keeps at hand. Of the pointers one is set.
type Favorite struct {
	Label             string        `xml:"label,attr"`
	Position          int           `xml:"position,attr"`
	ParentProjectName string        `xml:"parentProjectName,attr"`
	TargetOwnerName   string        `xml:"targetOwnerName,attr"`
	AddedAt           time.Time     `xml:"addedAt,attr"`
	Collection        *Collection   `xml:"collection"`
	DataSource        *FavoriteItem `xml:"datasource"`
	Flow              *FavoriteItem `xml:"flow"`
	Metric            *FavoriteItem `xml:"metric"`
	Project           *Project      `xml:"project"`
	View              *View         `xml:"view"`
	Workbook          *Workbook     `xml:"workbook"`
	Extra             Attributes    `xml:",any,attr"`
}

func (f *Favorite) id() string {
	c := f.Content()
	return string(c.Type) + " " + c.ID
}

// Content names the item; it is zero for a kind that this library does not know.
func (f *Favorite) Content() Content {
	switch {
	case f.Collection != nil:
		return Content{ContentCollection, f.Collection.ID}
	case f.DataSource != nil:
		return Content{ContentDataSource, f.DataSource.ID}
	case f.Flow != nil:
		return Content{ContentFlow, f.Flow.ID}
	case f.Metric != nil:
		return Content{ContentMetric, f.Metric.ID}
	case f.Project != nil:
		return Content{ContentProject, f.Project.ID}
	case f.View != nil:
		return Content{ContentView, f.View.ID}
	case f.Workbook != nil:
		return Content{ContentWorkbook, f.Workbook.ID}
	}
	return Content{}
}

// FavoriteItem is what a list of favorites tells of an item; what only some
// kinds have is in Extra.
type FavoriteItem struct {
	ID          string     `xml:"id,attr"`
	Name        string     `xml:"name,attr"`
	Description string     `xml:"description,attr"`
	WebpageURL  string     `xml:"webpageUrl,attr"`
	CreatedAt   time.Time  `xml:"createdAt,attr"`
	UpdatedAt   time.Time  `xml:"updatedAt,attr"`
	Project     ProjectRef `xml:"project"`
	Owner       UserRef    `xml:"owner"`
	Tags        []Tag      `xml:"tags>tag"`
	Extra       Attributes `xml:",any,attr"`
}

// Collection is a list of items that a user puts together.
type Collection struct {
	ID                    string     `xml:"id,attr"`
	Name                  string     `xml:"name,attr"`
	Description           string     `xml:"description,attr"`
	Visibility            string     `xml:"visibility,attr"` // such as "Private"
	TotalItemCount        int        `xml:"totalItemCount,attr"`
	PermissionedItemCount int        `xml:"permissionedItemCount,attr"` // those that the caller may see
	CreatedAt             time.Time  `xml:"createdAt,attr"`
	UpdatedAt             time.Time  `xml:"updatedAt,attr"`
	Owner                 UserRef    `xml:"owner"`
	Extra                 Attributes `xml:",any,attr"`
}

// favoriteSince is the version from which on items of a kind can be favorites.
var favoriteSince = map[ContentType]Version{
	ContentWorkbook: "2.0", ContentView: "2.0", ContentDataSource: "2.3", ContentProject: "3.1",
	ContentFlow: "3.3", ContentMetric: "3.3", ContentCollection: "3.15",
}

type favoriteRequest struct {
	Label string `xml:"label,attr"`
	Item  favoriteItemRequest
}

type favoriteItemRequest struct {
	XMLName xml.Name
	ID      string `xml:"id,attr"`
}

// List returns the favorites of a user. Minimum version 2.5.
//
//tableau:op GET /sites/{site}/favorites/{user} since=2.5 retry=safe tsc=favorites.get,users.populate_favorites
func (s *FavoritesService) List(ctx context.Context, userID string, q Query) iter.Seq2[*Favorite, error] {
	return list[Favorite](ctx, s.client, "favorites>favorite", get("favorites", userID).since("2.5"), q)
}

// Page returns one page of the list. Minimum version 2.5.
//
//tableau:op GET /sites/{site}/favorites/{user} since=2.5 retry=safe tsc=favorites.get
func (s *FavoritesService) Page(ctx context.Context, userID string, q Query) (*Page[Favorite], error) {
	return fetchPage[Favorite](ctx, s.client, "favorites>favorite", get("favorites", userID).since("2.5"), q)
}

// Add makes the item a favorite of the user, under that label. Minimum version
// 2.0 for workbooks and views, 2.3 for data sources, 3.1 for projects, 3.3 for
// flows and metrics, 3.15 for collections.
//
//tableau:op PUT /sites/{site}/favorites/{user} since=2.0 retry=safe tsc=favorites.add_favorite,favorites.add_favorite_workbook,favorites.add_favorite_view,favorites.add_favorite_datasource,favorites.add_favorite_project,favorites.add_favorite_flow,favorites.add_favorite_metric
func (s *FavoritesService) Add(ctx context.Context, userID, label string, item Content) error {
	since, err := item.asFavorite()
	if label == "" {
		err = invalid("the favorite needs a label")
	}
	return s.client.run(ctx, put("favorites", userID).since(since).fail(err).
		send("favorite", favoriteRequest{label, favoriteItemRequest{xml.Name{Local: string(item.Type)}, item.ID}}))
}

// Remove takes the item off the user's favorites; the item itself stays.
// Minimum versions are those of Add, save 3.15 for metrics.
//
//tableau:op DELETE /sites/{site}/favorites/{user}/{kind}/{item} since=2.0 retry=safe tsc=favorites.delete_favorite,favorites.delete_favorite_workbook,favorites.delete_favorite_view,favorites.delete_favorite_datasource,favorites.delete_favorite_project,favorites.delete_favorite_flow,favorites.delete_favorite_metric
func (s *FavoritesService) Remove(ctx context.Context, userID string, item Content) error {
	since, err := item.asFavorite()
	if err != nil {
		return err
	}
	kind, err := item.segment()
	if item.Type == ContentMetric {
		since = "3.15"
	}
	return s.client.run(ctx, del("favorites", userID, kind, item.ID).since(since).fail(err))
}

type favoriteOrderingRequest struct {
	ID        string      `xml:"favoriteId,attr"`
	Type      ContentType `xml:"favoriteType,attr"`
	AfterID   string      `xml:"favoriteIdMoveAfter,attr"`
	AfterType ContentType `xml:"favoriteTypeMoveAfter,attr"`
}

// Move puts a favorite of the user behind another of the user's. Minimum version
// 3.8, and 3.15 for collections.
//
//tableau:op PUT /sites/{site}/orderFavorites/{user} since=3.8 retry=safe tsc=-
func (s *FavoritesService) Move(ctx context.Context, userID string, item, after Content) error {
	since, err := item.asFavorite()
	afterSince, afterErr := after.asFavorite()
	orderings := struct {
		All []favoriteOrderingRequest `xml:"favoriteOrdering"`
	}{[]favoriteOrderingRequest{{item.ID, item.Type, after.ID, after.Type}}}
	return s.client.run(ctx, put("orderFavorites", userID).since("3.8").since(since).since(afterSince).
		fail(cmp.Or(err, afterErr)).send("favoriteOrderings", orderings))
}

// asFavorite checks that the item can be a favorite, and says since when.
func (c Content) asFavorite() (Version, error) {
	since, ok := favoriteSince[c.Type]
	switch {
	case !ok:
		return "", invalid(fmt.Sprintf("an item of type %q cannot be a favorite", string(c.Type)))
	case c.ID == "":
		return "", invalid(fmt.Sprintf("the %s has no ID", c.Type))
	}
	return since, nil
}
