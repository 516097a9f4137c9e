// CMemcheck is header only; SwiftPM wants one translation unit.
