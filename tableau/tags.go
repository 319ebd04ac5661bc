package tableau

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// TagsService calls the tag methods of every kind of item.
//
// Workbooks, views and data sources have tags in every version; flows since
// REST API version 3.3, metrics, databases, tables and columns 3.9, virtual
// connections 3.23.
type TagsService service

// Add puts tags on an item and returns all that it has then.
//
//tableau:op PUT /sites/{site}/{content}/{id}/tags since=2.0 retry=safe tsc=workbooks.add_tags,views.add_tags,datasources.add_tags,flows.add_tags,databases.add_tags,tables.add_tags,virtual_connections.add_tags
func (s *TagsService) Add(ctx context.Context, content Content, labels ...string) ([]Tag, error) {
	return s.fetch(ctx, placeOf(content, "tags", tagsSince).request(put).fail(checkLabels(labels)).send("tags", tagsRequest(labels)))
}

// Delete takes tags off an item: one request for each. The first error ends
// it; what was deleted by then stays deleted.
//
//tableau:op DELETE /sites/{site}/{content}/{id}/tags/{tag} since=2.0 retry=safe tsc=workbooks.delete_tags,views.delete_tags,datasources.delete_tags,flows.delete_tags,databases.delete_tags,tables.delete_tags,virtual_connections.delete_tags
func (s *TagsService) Delete(ctx context.Context, content Content, labels ...string) error {
	if len(labels) == 0 {
		return nil
	}
	if err := checkLabels(labels); err != nil {
		return err
	}
	for _, label := range distinct(labels) {
		if err := s.client.run(ctx, placeOf(content, "tags", tagsSince).request(del, label)); err != nil {
			return err
		}
	}
	return nil
}

// Set gives an item exactly the labels and returns its tags. had are the tags
// that it has, as they were read with it: only the difference is sent.
//
//tableau:op PUT /sites/{site}/{content}/{id}/tags since=2.0 retry=safe tsc=workbooks.update_tags,views.update_tags,datasources.update_tags,flows.update_tags
func (s *TagsService) Set(ctx context.Context, content Content, had []Tag, labels ...string) ([]Tag, error) {
	p := placeOf(content, "tags", tagsSince)
	if err := p.request(put).check(); err != nil {
		return nil, err
	}
	tags := make([]Tag, 0, len(labels))
	var missing, gone []string
	for _, label := range distinct(labels) {
		tag := Tag{Label: label}
		if i := slices.IndexFunc(had, func(t Tag) bool { return t.Label == label }); i >= 0 {
			tag = had[i]
		} else {
			missing = append(missing, label)
		}
		tags = append(tags, tag)
	}
	for _, tag := range had {
		if !slices.Contains(labels, tag.Label) {
			gone = append(gone, tag.Label)
		}
	}
	if len(missing) > 0 {
		if err := checkLabels(missing); err != nil {
			return nil, err
		}
	}
	if err := s.Delete(ctx, content, gone...); err != nil {
		return nil, err
	}
	if len(missing) == 0 {
		return tags, nil
	}
	return s.Add(ctx, content, missing...)
}

// AddBatch puts the same tags on many items of different kinds and returns
// the tags. REST API version 3.9.
//
//tableau:op PUT /sites/{site}/tags:batchCreate since=3.9 retry=safe tsc=tags.batch_add
func (s *TagsService) AddBatch(ctx context.Context, labels []string, contents ...Content) ([]Tag, error) {
	return s.batch(ctx, "tags:batchCreate", labels, contents)
}

// DeleteBatch takes the same tags off many items of different kinds and
// returns the tags. REST API version 3.9.
//
//tableau:op PUT /sites/{site}/tags:batchDelete since=3.9 retry=safe tsc=tags.batch_delete
func (s *TagsService) DeleteBatch(ctx context.Context, labels []string, contents ...Content) ([]Tag, error) {
	return s.batch(ctx, "tags:batchDelete", labels, contents)
}

// tagsSince holds the kinds of items that have tags, with the first version of
// the REST API that changes them.
var tagsSince = map[ContentType]Version{
	ContentWorkbook: "2.0", ContentView: "2.0", ContentDataSource: "2.0", ContentFlow: "3.3", ContentMetric: "3.9",
	ContentDatabase: "3.9", ContentTable: "3.9", ContentColumn: "3.9", ContentVirtualConnection: "3.23",
}

type tagsXML struct {
	Tags []tagXML `xml:"tag"`
}

type tagXML struct {
	Label string `xml:"label,attr"`
}

type tagBatchXML struct {
	Tags     tagsXML `xml:"tags"`
	Contents struct {
		Contents []contentXML `xml:"content"`
	} `xml:"contents"`
}

type contentXML struct {
	ContentType string `xml:"contentType,attr"`
	ID          string `xml:"id,attr"`
}

func tagsRequest(labels []string) tagsXML {
	var out tagsXML
	for _, label := range distinct(labels) {
		out.Tags = append(out.Tags, tagXML{label})
	}
	return out
}

func checkLabels(labels []string) error {
	if len(labels) == 0 {
		return invalid("no tag is given")
	}
	if slices.Contains(labels, "") {
		return invalid("the label of a tag is empty")
	}
	return nil
}

// distinct returns the labels in their order, each once.
func distinct(labels []string) []string {
	var out []string
	for _, label := range labels {
		if !slices.Contains(out, label) {
			out = append(out, label)
		}
	}
	return out
}

func (s *TagsService) batch(ctx context.Context, segment string, labels []string, contents []Content) ([]Tag, error) {
	r := put(segment).since("3.9").fail(checkLabels(labels))
	if len(contents) == 0 {
		r = r.fail(invalid("no item is given"))
	}
	payload := tagBatchXML{Tags: tagsRequest(labels)}
	for _, content := range contents {
		if err := placeOf(content, "tags", tagsSince).err; err != nil {
			return nil, err
		}
		if content.ID == "" {
			return nil, invalid(fmt.Sprintf("the ID of a %s is empty", content.Type))
		}
		name := string(content.Type)
		payload.Contents.Contents = append(payload.Contents.Contents, contentXML{strings.ToUpper(name[:1]) + name[1:], content.ID})
	}
	var tags, inBatch []Tag // servers answer with the one or the other
	err := s.client.decode(ctx, r.send("tagBatch", payload), tsxml.At("tags>tag", &tags), tsxml.At("tagBatch>tags>tag", &inBatch))
	return append(tags, inBatch...), err
}

func (s *TagsService) fetch(ctx context.Context, r request) ([]Tag, error) {
	var tags []Tag
	err := s.client.decode(ctx, r, tsxml.At("tags>tag", &tags))
	return tags, err
}
