// CurvesTests
