package emulator

import "github.com/tabctl/tableau-go/internal/tsxml"

func serverInfoRoutes() []route {
	return []route{
		answered("GET", "/serverinfo", "Server Info", "2.4", Anyone, serverInfo),
	}
}

func serverInfo(c *call) (*tsxml.Element, error) {
	text := func(name, value string) *tsxml.Element { return &tsxml.Element{Name: name, Text: value} }
	release, build := c.Server.version.product()
	version := text("productVersion", release)
	version.Set("build", build)
	info := tsxml.New("serverInfo").Add(version)
	if c.Server.version.before(mustVersion("3.29")) {
		return info.Add(text("restApiVersion", c.Server.version.String())), nil
	}
	return info.Add(
		text("prepConductorVersion", build),
		text("restApiVersion", c.Server.version.String()),
		text("platform", "Linux"),
		tsxml.New("serverSettings").Add(
			text("oAuthEnabled", "false"),
			text("sheetImageMaxAgeFloor", "1"),
			text("sheetImageMaxAgeCeiling", "43200"),
			text("offlineInteractionSupportedPhase", "0"))), nil
}
