package emulator

import (
	"fmt"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
)

// WithDirectory gives the server an Active Directory: a file in YAML or JSON with domains, and in each of them users and
// groups. It is read anew whenever something is imported or somebody of it signs in, so that a test can change it.
// docs/emulator.md shows one.
func WithDirectory(file string) Option { return func(c *config) { c.directory = file } }

// directory is what the file of [WithDirectory] holds.
type directory struct {
	Domains []directoryDomain
}

type directoryDomain struct {
	Name   string // such as "example.com"
	Users  []directoryUser
	Groups []struct {
		Name  string
		Users []string // names of users of the domain
	}
}

type directoryUser struct {
	Name     string
	FullName string `yaml:"fullName"`
	Email    string
	Password string
}

// localDomain is the domain of users and groups that belong to no directory.
const localDomain = "local"

// directory reads the directory; it is nil when the server has none.
func (s *Server) directory() (*directory, error) {
	if s.config.directory == "" {
		return nil, nil
	}
	data, err := os.ReadFile(s.config.directory)
	if err != nil {
		return nil, fmt.Errorf("reading the directory: %w", err)
	}
	var d directory
	if err := yaml.UnmarshalWithOptions(data, &d, yaml.Strict()); err != nil {
		// The error of the parser quotes lines, and lines have passwords.
		return nil, fmt.Errorf("the directory %s is not of the form that docs/emulator.md shows", s.config.directory)
	}
	return &d, d.check()
}

// check refuses what names no one, and groups of users that are not there.
func (d *directory) check() error {
	for _, domain := range d.Domains {
		if domain.Name == "" || strings.EqualFold(domain.Name, localDomain) || strings.Contains(domain.Name, `\`) {
			return fmt.Errorf("the directory has a domain named %q", domain.Name)
		}
		for _, u := range domain.Users {
			if u.Name == "" || strings.Contains(u.Name, `\`) {
				return fmt.Errorf("the domain %s of the directory has a user named %q", domain.Name, u.Name)
			}
		}
		for _, g := range domain.Groups {
			for _, name := range g.Users {
				if domain.user(name) == nil {
					return fmt.Errorf("the group %s of the domain %s of the directory has a user %q who is not in the domain", g.Name, domain.Name, name)
				}
			}
		}
	}
	return nil
}

// domain returns a domain by its name, in any case, or nil.
func (d *directory) domain(name string) *directoryDomain {
	if d != nil {
		for i := range d.Domains {
			if strings.EqualFold(d.Domains[i].Name, name) {
				return &d.Domains[i]
			}
		}
	}
	return nil
}

// user returns a user of a domain by name, in any case, or nil.
func (d *directoryDomain) user(name string) *directoryUser {
	for i := range d.Users {
		if strings.EqualFold(d.Users[i].Name, name) {
			return &d.Users[i]
		}
	}
	return nil
}

// group returns the domain and the name of a group as the directory writes them, and its members.
func (d *directory) group(inDomain, named string) (domainName, name string, members []person, err error) {
	domain := d.domain(inDomain)
	if domain == nil {
		return "", "", nil, fail(domainNotFound, "The domain '%s' could not be found in Active Directory.", inDomain)
	}
	for _, g := range domain.Groups {
		if !strings.EqualFold(g.Name, named) {
			continue
		}
		for _, member := range g.Users {
			members = append(members, domain.person(domain.user(member)))
		}
		return domain.Name, g.Name, members, nil
	}
	return "", "", nil, fail(directoryGroupNotFound, "The group '%s' could not be found in the domain '%s' of Active Directory.", named, domain.Name)
}

// person is somebody who may get an account.
type person struct {
	login    string // the name to sign in with
	fullName string
	email    string
}

func (d *directoryDomain) person(u *directoryUser) person {
	p := person{login: d.Name + `\` + u.Name, fullName: u.FullName, email: u.Email}
	if p.fullName == "" {
		p.fullName = u.Name
	}
	return p
}

// person finds who is meant by a name: somebody of the directory for domain\name, and for name@domain when the directory has
// the domain; anybody else is local. A server without a directory takes every domain at its word.
func (d *directory) person(name string) (person, error) {
	domainName, short, qualified := strings.Cut(name, `\`)
	if !qualified {
		i := strings.LastIndex(name, "@")
		if i < 0 || d.domain(name[i+1:]) == nil {
			return person{login: name, fullName: name}, nil
		}
		domainName, short = name[i+1:], name[:i]
	}
	switch {
	case domainName == "" || short == "" || strings.Contains(short, `\`):
		return person{}, fail(badRequest, "The name '%s' is not of the form domain\\name.", name)
	case strings.EqualFold(domainName, localDomain):
		return person{login: short, fullName: short}, nil
	case d == nil:
		return person{login: name, fullName: short}, nil
	}
	domain := d.domain(domainName)
	if domain == nil {
		return person{}, fail(domainNotFound, "The domain '%s' could not be found in Active Directory.", domainName)
	}
	u := domain.user(short)
	if u == nil {
		return person{}, fail(userNotFound, "The user '%s' could not be found in the domain '%s' of Active Directory.", short, domain.Name)
	}
	return domain.person(u), nil
}

// directoryPassword returns the password of somebody of the directory; not ok for anybody else.
func (s *Server) directoryPassword(login string) (password string, ok bool, err error) {
	domainName, short, qualified := strings.Cut(login, `\`)
	if !qualified {
		return "", false, nil
	}
	d, err := s.directory()
	if domain := d.domain(domainName); domain != nil {
		if ok = true; domain.user(short) != nil {
			password = domain.user(short).Password
		}
	}
	return password, ok, err
}
