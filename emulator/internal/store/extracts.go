package store

// ExtractedSources returns the ids of a workbook's own data sources that have an extract; none when nothing has changed
// since it was published.
func (tx *Tx) ExtractedSources(workbook int64) ([]string, error) {
	return query(tx, scanString, "SELECT datasource FROM workbook_extracts WHERE workbook = ? ORDER BY datasource", workbook)
}

// SetExtractedSources replaces what ExtractedSources returns.
func (tx *Tx) SetExtractedSources(workbook int64, dataSources []string) error {
	if _, err := tx.exec("DELETE FROM workbook_extracts WHERE workbook = ?", workbook); err != nil {
		return err
	}
	for _, id := range dataSources {
		if _, err := tx.exec("INSERT OR IGNORE INTO workbook_extracts (workbook, datasource) VALUES (?, ?)", workbook, id); err != nil {
			return err
		}
	}
	return nil
}

// EncryptExtracts sets whether the extracts of a site are encrypted.
func (tx *Tx) EncryptExtracts(site int64, encrypted bool) error {
	for _, table := range []string{"workbooks", "datasources"} {
		if _, err := tx.exec("UPDATE "+table+" SET encrypt_extracts = ? WHERE site = ? AND has_extracts", encrypted, site); err != nil {
			return err
		}
	}
	return nil
}
