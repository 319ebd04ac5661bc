package wiretest

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

var _ = register(listAdapters("sites", func(c *call) (lister, error) {
	return listing(c.client.Sites.Page, c.client.Sites.List), nil
}))

var _ = register(map[string]adapter{
	"sites.get_by_id": func(ctx context.Context, c *call) (any, error) {
		return c.client.Sites.Get(ctx, c.args.text("site_id"))
	},
	"sites.get_by_name": func(ctx context.Context, c *call) (any, error) {
		return c.client.Sites.GetByName(ctx, c.args.text("site_name"))
	},
	"sites.get_by_content_url": func(ctx context.Context, c *call) (any, error) {
		return c.client.Sites.GetByContentURL(ctx, c.args.text("content_url"))
	},
})

func init() {
	ourValues["SiteItem.AdminMode"] = texts(tableau.AdminContentAndUsers, tableau.AdminContentOnly)
	ourValues["SiteItem.State"] = texts(tableau.SiteActive, tableau.SiteSuspended)
}

var _ = register(map[string]adapter{
	"sites.create": createSite("site_item"),
	"sites.update": func(ctx context.Context, c *call) (any, error) {
		if !c.args.has("site_item") {
			return nil, noCounterpart("sending back a whole item: an update here holds only what changes")
		}
		site, err := updateSite(ctx, c, c.args.item("site_item"))
		if err == nil { // Python returns the item it was given, with some of what the answer says
			site.ID = c.args.item("site_item").text("id")
		}
		return site, err
	},
	"sites.delete": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.Sites.Delete(ctx, c.args.text("site_id"))
	},
	"sites.encrypt_extracts": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.Sites.EncryptExtracts(ctx, c.args.text("site_id"))
	},
	"sites.decrypt_extracts": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.Sites.DecryptExtracts(ctx, c.args.text("site_id"))
	},
	"sites.re_encrypt_extracts": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.Sites.ReencryptExtracts(ctx, c.args.text("site_id"))
	},
	"sites.list_auth_configurations": func(ctx context.Context, c *call) (any, error) {
		return c.client.Sites.AuthConfigurations(ctx)
	},
	"auth.revoke_all_server_admin_tokens": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.Server.RevokeAllServerAdminTokens(ctx)
	},
	"model.SiteItem": func(ctx context.Context, c *call) (any, error) {
		item := c.args.item("item")
		if m := laterUserQuota.FindStringSubmatch(c.c.Call); m != nil {
			item["user_quota"] = json.Number(m[1])
		}
		if item.has("state") { // a new site has none
			item["id"] = recordedSite
			return updateSite(ctx, c, item)
		}
		site, err := createSite("item")(ctx, c)
		if _, kind := c.c.method(); kind == "accepted" && !errors.Is(err, tableau.ErrInvalidArgument) {
			settings, err := siteSettings(c, item) // Python sends nothing, and nothing answers
			return tableau.CreateSite{Name: item.text("name"), ContentURL: item.text("content_url"), SiteSettings: settings}, err
		}
		return site, err
	},
})

var laterUserQuota = regexp.MustCompile(`\.user_quota = (\d+)`)

func createSite(argument string) adapter {
	return func(ctx context.Context, c *call) (any, error) {
		item := c.args.item(argument)
		settings, err := siteSettings(c, item)
		if err != nil {
			return nil, err
		}
		return c.client.Sites.Create(ctx, tableau.CreateSite{
			Name: item.text("name"), ContentURL: item.text("content_url"), SiteSettings: settings,
		})
	}
}

func updateSite(ctx context.Context, c *call, item arguments) (*tableau.Site, error) {
	settings, err := siteSettings(c, item)
	if err != nil {
		return nil, err
	}
	return c.client.Sites.Update(ctx, item.text("id"), tableau.SiteUpdate{
		Name:         optional[string](item, "name"),
		ContentURL:   optional[string](item, "content_url"),
		State:        optional[tableau.SiteState](item, "state"),
		SiteSettings: settings,
	})
}

// siteDefaults is what a new SiteItem of Python holds, and sends; the false
// texts are its own.
var siteDefaults = map[string]any{
	"disable_subscriptions": false, "subscribe_others_enabled": true, "revision_limit": 25, "revision_history_enabled": false,
	"flows_enabled": true, "editing_flows_enabled": true, "scheduling_flows_enabled": true, "allow_subscription_attachments": true,
	"guest_access_enabled": false, "cache_warmup_enabled": true, "commenting_enabled": true, "request_access_enabled": false,
	"run_now_enabled": true, "data_alerts_enabled": true, "commenting_mentions_enabled": true, "catalog_obfuscation_enabled": true,
	"flow_auto_save_enabled": true, "web_extraction_enabled": true, "metrics_content_type_enabled": true,
	"notify_site_admins_on_throttle": false, "authoring_enabled": true, "custom_subscription_email_enabled": false,
	"custom_subscription_email": "false", "custom_subscription_footer_enabled": false, "custom_subscription_footer": "false",
	"ask_data_mode": "EnabledByDefault", "named_sharing_enabled": true, "mobile_biometrics_enabled": false, "sheet_image_enabled": true,
	"cataloging_enabled": true, "derived_permissions_enabled": false, "user_visibility_mode": "FULL", "use_default_time_zone": true,
	"auto_suspend_refresh_enabled": true, "auto_suspend_refresh_inactivity_window": 30,
}

// siteSettings makes ours of a SiteItem, whose attributes have our names but
// for case and underscores.
func siteSettings(c *call, item arguments) (tableau.SiteSettings, error) {
	var settings tableau.SiteSettings
	given := maps.Clone(siteDefaults)
	for name, value := range item {
		switch name {
		case "$item", "id", "name", "content_url", "state":
		default:
			given[name] = value
		}
	}
	if tableau.Version(c.c.APIVersion).Less("3.10") { // Python drops what such a server does not know
		delete(given, "editing_flows_enabled")
		delete(given, "scheduling_flows_enabled")
	}
	for name, value := range given {
		field := reflect.ValueOf(&settings).Elem().FieldByNameFunc(func(field string) bool {
			return strings.EqualFold(field, strings.ReplaceAll(name, "_", ""))
		})
		if !field.IsValid() {
			return settings, notCompiled{argument: name, value: value}
		}
		if value == nil {
			continue
		}
		setting := reflect.New(field.Type().Elem())
		switch text := plainText(value); setting.Elem().Kind() {
		case reflect.Bool:
			on, ok := value.(bool)
			if !ok {
				return settings, notCompiled{name, value, "a boolean"}
			}
			setting.Elem().SetBool(on)
		case reflect.Int:
			n, err := strconv.Atoi(text)
			if err != nil {
				return settings, notCompiled{name, value, "a number"}
			}
			setting.Elem().SetInt(int64(n))
		default:
			setting.Elem().SetString(text)
		}
		field.Set(setting)
	}
	return settings, nil
}
