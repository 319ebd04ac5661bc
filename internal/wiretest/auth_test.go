package wiretest

import (
	"context"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

var _ = register(map[string]adapter{
	"auth.sign_in": signIn,
	"auth.sign_in_with_personal_access_token": signIn,
	"auth.sign_in_with_json_web_token":        signIn,
	"auth.sign_out": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.SignOut(ctx)
	},
	"auth.switch_site": func(ctx context.Context, c *call) (any, error) {
		if err := c.client.SwitchSite(ctx, c.args.item("site_item").text("content_url")); err != nil {
			return nil, err
		}
		if strings.HasPrefix(c.c.Call, "with ") { // leaving the block signs out
			return nil, c.client.SignOut(ctx)
		}
		return nil, nil
	},
	"model.TableauAuth":             refusedCredentials,
	"model.PersonalAccessTokenAuth": refusedCredentials,
	"model.JWTAuth":                 refusedCredentials,
})

// credentials makes ours of a Python credentials item.
func credentials(item arguments) (tableau.Credentials, error) {
	switch kind := item.text("$item"); kind {
	case "TableauAuth":
		return tableau.Password{Name: item.text("username"), Password: item.text("password"), ImpersonateUserID: item.text("user_id_to_impersonate")},
			item.only("username", "password", "site_id", "user_id_to_impersonate")
	case "PersonalAccessTokenAuth":
		return tableau.PersonalAccessToken{Name: item.text("token_name"), Secret: item.text("personal_access_token"), ImpersonateUserID: item.text("user_id_to_impersonate")},
			item.only("token_name", "personal_access_token", "site_id", "user_id_to_impersonate")
	case "JWTAuth":
		return tableau.JWT{Token: item.text("jwt"), UnifiedAccessToken: item.flag("is_uat")}, item.only("jwt", "is_uat", "site_id")
	default:
		return nil, noCounterpart("credentials " + kind)
	}
}

// signIn signs in with a client of its own: ours gets its credentials when it
// is made.
func signIn(ctx context.Context, c *call) (any, error) {
	request := c.args.item("auth_req")
	who, err := credentials(request)
	if err != nil {
		return nil, err
	}
	options := append(c.pinned(), tableau.WithSite(request.text("site_id")), tableau.WithCredentials(who))
	if err := c.newClient(options...); err != nil {
		return nil, err
	}
	if err := c.client.SignIn(ctx); err != nil {
		return nil, err
	}
	return nil, nil
}

// refusedCredentials makes a client with credentials that lack something.
func refusedCredentials(_ context.Context, c *call) (any, error) {
	who, err := credentials(c.args.item("item"))
	if err != nil {
		return nil, err
	}
	return nil, c.newClient(tableau.WithCredentials(who))
}
