package tableau

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Client calls one site of a Tableau Server or Tableau Cloud. Make it with
// [New]; it is safe for concurrent use.
type Client struct {
	DataSources   *DataSourcesService
	Favorites     *FavoritesService
	FileUploads   *FileUploadsService
	Groups        *GroupsService
	Jobs          *JobsService
	Permissions   *PermissionsService
	Projects      *ProjectsService
	Schedules     *SchedulesService
	Server        *ServerService
	Sites         *SitesService
	Subscriptions *SubscriptionsService
	Tags          *TagsService
	Tasks         *TasksService
	Users         *UsersService
	Views         *ViewsService
	Workbooks     *WorkbooksService

	base        *url.URL
	http        *http.Client
	userAgent   string
	credentials Credentials
	share       ShareSession
	prefetch    int          // pages
	blockSize   int64        // 0 until set
	parallel    int          // blocks of an upload
	numbered    bool         // blocks, whatever the server says
	retry       RetryOptions // nothing in it is zero but the hook
	budget      *bucket      // of repetitions
	rate        *bucket      // of requests; nil when there is no limit
	logger      *slog.Logger

	signing chan struct{} // holds one value: who takes it may sign in

	mu       sync.Mutex // guards what follows
	site     string     // the site's ContentURL
	version  Version    // "" until pinned or negotiated
	session  *Session
	renewals []time.Time // when dead sessions were replaced lately
}

// service is what every resource's methods hang on.
type service struct{ client *Client }

// New returns a client of the server at serverURL, such as
// "https://10ax.online.tableau.com" or the address of any page of a site
// copied from a browser, whose site is then the default for [WithSite]. A URL
// without a scheme means https. New sends nothing and reads no environment.
// Errors: [ErrInvalidArgument].
func New(serverURL string, options ...Option) (*Client, error) {
	base, site, err := parseServerURL(serverURL)
	if err != nil {
		return nil, err
	}
	c := &Client{
		base:      base,
		site:      site,
		http:      &http.Client{Transport: transport()},
		userAgent: "tableau-go",
		prefetch:  8,
		parallel:  8,
		retry:     defaultRetry,
		logger:    slog.New(slog.DiscardHandler),
		signing:   make(chan struct{}, 1),
	}
	for _, option := range options {
		if err := option(c); err != nil {
			return nil, err
		}
	}
	c.http.CheckRedirect = checkRedirect
	c.budget = newBucket(float64(c.retry.PerMinute)/60, c.retry.PerMinute)

	common := &service{client: c}
	c.DataSources = (*DataSourcesService)(common)
	c.Favorites = (*FavoritesService)(common)
	c.FileUploads = (*FileUploadsService)(common)
	c.Groups = (*GroupsService)(common)
	c.Jobs = (*JobsService)(common)
	c.Permissions = (*PermissionsService)(common)
	c.Projects = (*ProjectsService)(common)
	c.Schedules = (*SchedulesService)(common)
	c.Server = (*ServerService)(common)
	c.Sites = (*SitesService)(common)
	c.Subscriptions = (*SubscriptionsService)(common)
	c.Tags = (*TagsService)(common)
	c.Tasks = (*TasksService)(common)
	c.Users = (*UsersService)(common)
	c.Views = (*ViewsService)(common)
	c.Workbooks = (*WorkbooksService)(common)
	return c, nil
}

// transport is what clients share unless they are given another: net/http's own
// one, keeping as many connections open as lists and uploads use at a time.
var transport = sync.OnceValue(func() http.RoundTripper {
	own, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	own = own.Clone()
	own.MaxIdleConnsPerHost = maxParallel
	own.WriteBufferSize = copyBuffer
	return own
})

// maxParallel is the most pages or blocks that may be under way for one call.
const maxParallel = 32

// URL returns the address of the server.
func (c *Client) URL() string { return c.base.String() }

// String names the server and the site, and nothing secret.
func (c *Client) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprintf("tableau.Client(%s, site %q)", c.base, c.site)
}

// GoString keeps credentials out of %#v.
func (c *Client) GoString() string { return c.String() }
