package cli

import (
	"context"
	"fmt"

	"github.com/tabctl/tableau-go/tableau"
)

// onSite does some work while the client is signed in to another site, for what a site's own sign-in may do only, and goes
// back. The site may be gone then.
func (a *app) onSite(ctx context.Context, c *tableau.Client, contentURL string, work func() error) error {
	home, err := signedIn(ctx, c)
	if err != nil {
		return err
	}
	if home.SiteContentURL == contentURL {
		return work()
	}
	if err := c.SwitchSite(ctx, contentURL); err != nil {
		return fmt.Errorf("switch to the site %s: %w", siteName(contentURL), err)
	}
	workErr := work()
	if _, ok := c.Session(); !ok { // it ended with the site; the next command signs in anew
		return workErr
	}
	err = c.SwitchSite(ctx, home.SiteContentURL)
	now, _ := c.Session()
	if err == nil && a.keeper != "" {
		err = a.profiles().replace(ctx, a.keeper, home, now)
	}
	if err != nil && workErr == nil {
		a.say("The site %s could not be returned to: %v. The next command signs in anew.", siteName(home.SiteContentURL), err)
	}
	return workErr
}

// replace saves the session that has taken another's place, unless the profile has moved on meanwhile.
func (s profileStore) replace(ctx context.Context, name string, before, now tableau.Session) error {
	unlock, err := s.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	p, found, err := s.load(name)
	if err != nil || !found {
		return err
	}
	if p.Session != nil && p.Session.Token != before.Token {
		return nil
	}
	p.Session = &now
	return s.save(name, p)
}
