package emulator

import (
	"fmt"
	"strconv"
	"strings"
)

// apiVersion is a REST API version such as 3.29.
type apiVersion struct{ major, minor int }

func (v apiVersion) String() string { return fmt.Sprintf("%d.%d", v.major, v.minor) }

func (v apiVersion) before(w apiVersion) bool {
	return v.major < w.major || v.major == w.major && v.minor < w.minor
}

// latestVersion is the newest version served, and the default.
const latestVersion = "3.29"

// parseVersion reads a version that Tableau has released, up to latestVersion.
func parseVersion(s string) (v apiVersion, ok bool) {
	major, minor, found := strings.Cut(s, ".")
	var err1, err2 error
	v.major, err1 = strconv.Atoi(major)
	v.minor, err2 = strconv.Atoi(minor)
	// The comparison with the printed form refuses signs and leading zeros.
	if !found || err1 != nil || err2 != nil || v.String() != s {
		return apiVersion{}, false
	}
	return v, v.major == 2 && v.minor <= 8 || v.major == 3 && v.minor <= 29
}

func mustVersion(s string) apiVersion {
	v, ok := parseVersion(s)
	if !ok {
		panic("no REST API version: " + s)
	}
	return v
}

// product returns the Tableau Server release that speaks a version, as "2026.2.0" and its build.
func (v apiVersion) product() (release, build string) {
	year, quarter := 0, 0
	switch {
	case v.major == 2: // 2.0 is 9.0, 2.1 is 9.2, 2.2 is 9.3, and so on to 2.8, which is 10.5
		release = []string{"9.0.0", "9.2.0", "9.3.0", "10.0.0", "10.1.0", "10.2.0", "10.3.0", "10.4.0", "10.5.0"}[v.minor]
		return release, "10000.16.0101.0000"
	case v.minor <= 2:
		year, quarter = 2018, v.minor+1
	case v.minor <= 22:
		year, quarter = 2019+(v.minor-3)/4, (v.minor-3)%4+1
	case v.minor <= 24:
		year, quarter = 2024, v.minor-21
	case v.minor <= 27:
		year, quarter = 2025, v.minor-24
	default:
		year, quarter = 2026, v.minor-27
	}
	return fmt.Sprintf("%d.%d.0", year, quarter), fmt.Sprintf("%d%d.%02d.%02d01.0000", year, quarter, year%100, quarter*3)
}
