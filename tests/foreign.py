"""Pytest plugins of other packages that the runs within tests leave out: they have nothing to do there."""

LEFT_OUT = ("-p", "no:hypothesispytest", "-p", "no:langsmith_plugin")
"""Options of pytest; each of these plugins takes longer to load than a run takes."""
