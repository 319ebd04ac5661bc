package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

// siteNamed finds a site by its name, or by the one it has in addresses.
func siteNamed(ctx context.Context, c *tableau.Client, name string) (*tableau.Site, error) {
	site, err := c.Sites.GetByName(ctx, name)
	if errors.Is(err, tableau.ErrNotFound) {
		if byAddress, addressErr := c.Sites.GetByContentURL(ctx, name); addressErr == nil {
			return byAddress, nil
		}
	}
	return site, err
}

// siteSettings are what createsite and editsite say alike.
func siteSettings(args *tabcmdArgs) (s tableau.SiteSettings) {
	s.UserQuota, s.StorageQuota = args.integer("--user-quota"), args.integer("--storage-quota")
	if args.on("--site-mode") {
		s.AdminMode = new(tableau.AdminContentAndUsers)
	}
	if args.on("--no-site-mode") {
		s.AdminMode = new(tableau.AdminContentOnly)
	}
	setUnlessEmpty(&s.ExtractEncryptionMode, args.value("--extract-encryption-mode"))
	if args.given("--run-now-enabled") {
		s.RunNowEnabled = new(args.on("--run-now-enabled"))
	}
	return s
}

// siteAddress makes a name one that addresses can hold.
func siteAddress(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return -1
	}, name)
}

func (a *app) tabcmdCreateSite(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	name := args.arguments[0]
	create := tableau.CreateSite{
		Name: name, ContentURL: cmp.Or(args.value("--url"), args.value("--site-id"), siteAddress(name)), SiteSettings: siteSettings(args),
	}
	site, err := c.Sites.Create(ctx, create)
	if err != nil {
		return a.tabcmdExists(args, fmt.Errorf("create the site %q: %w", name, err))
	}
	a.say("Created the site %q, %s in addresses (%s)", site.Name, site.ContentURL, site.ID)
	return nil
}

func (a *app) tabcmdEditSite(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	site, err := siteNamed(ctx, c, args.arguments[0])
	if err != nil {
		return err
	}
	update := tableau.SiteUpdate{SiteSettings: siteSettings(args)}
	setUnlessEmpty(&update.Name, args.value("--site-name"))
	setUnlessEmpty(&update.ContentURL, cmp.Or(args.value("--url"), args.value("--site-id")))
	switch args.value("--status") {
	case "ACTIVE":
		update.State = new(tableau.SiteActive)
	case "SUSPENDED":
		update.State = new(tableau.SiteSuspended)
	}
	err = a.onSite(ctx, c, site.ContentURL, func() error {
		_, err := c.Sites.Update(ctx, site.ID, update)
		return err
	})
	if err != nil {
		return fmt.Errorf("change the site %q: %w", site.Name, err)
	}
	a.say("Changed the site %q", site.Name)
	return nil
}

func (a *app) tabcmdDeleteSite(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	return a.withSite(ctx, c, args, "delete", "Deleted", c.Sites.Delete)
}

func (a *app) tabcmdEncryptExtracts(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	return a.withSite(ctx, c, args, "encrypt the extracts of", "The server now encrypts the extracts of", c.Sites.EncryptExtracts)
}

func (a *app) tabcmdDecryptExtracts(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	return a.withSite(ctx, c, args, "decrypt the extracts of", "The server now decrypts the extracts of", c.Sites.DecryptExtracts)
}

func (a *app) tabcmdReencryptExtracts(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	return a.withSite(ctx, c, args, "encrypt anew the extracts of", "The server now encrypts anew the extracts of", c.Sites.ReencryptExtracts)
}

// withSite does something with the site that the command line names.
func (a *app) withSite(ctx context.Context, c *tableau.Client, args *tabcmdArgs, what, done string, work func(ctx context.Context, siteID string) error) error {
	site, err := siteNamed(ctx, c, args.arguments[0])
	if err != nil {
		return err
	}
	if err := a.onSite(ctx, c, site.ContentURL, func() error { return work(ctx, site.ID) }); err != nil {
		return fmt.Errorf("%s the site %q: %w", what, site.Name, err)
	}
	a.say("%s the site %q", done, site.Name)
	return nil
}

// tabcmdListSites lists sites in tabcmd's own words, for scripts that read them.
func (a *app) tabcmdListSites(ctx context.Context, c *tableau.Client, args *tabcmdArgs) error {
	for site, err := range c.Sites.List(ctx, tableau.Query{}) {
		if err != nil {
			return err
		}
		fmt.Fprintf(a.out, "  NAME: %s  SITEID: '%s'\n", printable(site.Name), site.ID)
		if args.on("--get-extract-encryption-mode") {
			fmt.Fprintf(a.out, "EXTRACTENCRYPTION: %s\n", printable(site.ExtractEncryptionMode))
		}
	}
	return nil
}
