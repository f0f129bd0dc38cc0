"""Every area, imported: whoever opens a database needs every table and every command declared."""

from importlib import import_module

AREAS = (
    "catalog", "people", "rules", "cases", "printers", "rights", "stock", "receiving", "orders", "allocation", "waves", "picking", "packing", "shipping", "returns",
    "amending", "exchange",
)  # fmt: skip


def _import_all() -> None:
    import_module("core.kernel.operations")
    import_module("core.kernel.journal")
    import_module("core.kernel.replica")
    import_module("core.kernel.loading")
    import_module("core.stock.carrying")
    import_module("core.stock.counting")
    import_module("core.stock.moving")
    import_module("core.kernel.numbers")
    import_module("core.kernel.printing")
    import_module("core.rights.recovering")
    import_module("core.rights.remembering")
    import_module("core.rights.renewing")
    import_module("core.rights.losing")
    import_module("core.rights.bounding")
    for area in AREAS:
        for part in ("model", "commands"):
            name = f"core.{area}.{part}"
            try:
                import_module(name)
            except ModuleNotFoundError as e:
                if e.name not in (name, f"core.{area}"):
                    raise
    import_module("core.picking.reclaim")
    import_module("core.amending.over")
    import_module("core.shipping.floor")


_import_all()
