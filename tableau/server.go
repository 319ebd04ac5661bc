package tableau

import (
	"context"
	"errors"
	"net/http"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// ServerService calls the methods that concern the whole server.
type ServerService service

// ServerInfo says what the server is.
type ServerInfo struct {
	ProductVersion string // such as "2026.2.0"
	Build          string // such as "20262.26.0603.1134"
	RESTAPIVersion string // the newest version that the server speaks
	Platform       string // since 3.29
}

// Info asks the server for its versions. It needs no session.
// Errors: an [Error] whose summary says so when the address is not a Tableau
// Server, or one older than 10.1.
//
//tableau:op GET /serverInfo since=2.4 retry=safe tsc=server_info.get
func (s *ServerService) Info(ctx context.Context) (*ServerInfo, error) {
	c := s.client
	c.mu.Lock()
	version := c.version
	c.mu.Unlock()
	if version == "" {
		version = firstVersion
	}
	var answer *struct {
		Product struct {
			Version string `xml:",chardata"`
			Build   string `xml:"build,attr"`
		} `xml:"productVersion"`
		REST     string `xml:"restApiVersion"`
		Platform string `xml:"platform"`
	}
	r := get("serverInfo").onServer().withoutSession().speaking(version).since(firstVersion)
	err := c.decode(ctx, r, tsxml.At("serverInfo", &answer))
	if e, ok := errors.AsType[*Error](err); ok && e.Code == "" && e.StatusCode < http.StatusInternalServerError && e.Summary == "" {
		e.Summary = "not a Tableau Server"
	}
	if err != nil {
		return nil, err
	}
	if answer == nil {
		return nil, c.notTableau(http.StatusOK, "the answer to serverInfo holds none")
	}
	return &ServerInfo{
		ProductVersion: answer.Product.Version, Build: answer.Product.Build,
		RESTAPIVersion: answer.REST, Platform: answer.Platform,
	}, nil
}

// RevokeAllServerAdminTokens makes all personal access tokens of all server
// administrators useless. It takes a server administrator. Minimum version
// 3.10.
//
//tableau:op POST /auth/revokeAllServerAdminTokens since=3.10 retry=safe tsc=auth.revoke_all_server_admin_tokens
func (s *ServerService) RevokeAllServerAdminTokens(ctx context.Context) error {
	return s.client.run(ctx, post("auth", "revokeAllServerAdminTokens").onServer().since("3.10").retry(retrySafe))
}
