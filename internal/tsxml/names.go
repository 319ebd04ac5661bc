package tsxml

// names numbers a handful of names, from 0 in the order they are added. Lookup is several times faster than in a map.
type names struct {
	slots []nameSlot // a power of two, at most a quarter of them used
	count int
}

type nameSlot struct {
	name   string // "" when empty
	number int
}

// find returns the number of a name, -1 when it is unknown. The name is not empty.
func (n *names) find(name []byte) int {
	if len(n.slots) == 0 {
		return -1
	}
	return n.slot(name).number
}

// slot returns the place of a name, or the empty one where it would go.
func (n *names) slot(name []byte) *nameSlot {
	// Length and three characters tell the names of one element apart well enough.
	size := len(name)
	hash := (uint32(size) | uint32(name[0])<<8 | uint32(name[size/2])<<16 | uint32(name[size-1])<<24) * 0x9E3779B1
	for i := int(hash >> 16); ; i++ {
		s := &n.slots[i&(len(n.slots)-1)]
		if s.name == string(name) || s.name == "" {
			return s
		}
	}
}

// add adds a name that is not there yet and not empty.
func (n *names) add(name string) {
	if 4*(n.count+1) > len(n.slots) {
		old := n.slots
		n.slots = make([]nameSlot, max(8, 2*len(old)))
		for i := range n.slots {
			n.slots[i].number = -1
		}
		for _, s := range old {
			if s.name != "" {
				*n.slot([]byte(s.name)) = s
			}
		}
	}
	*n.slot([]byte(name)) = nameSlot{name, n.count}
	n.count++
}
