"""Opens properties to the tool, which leaves decorated functions out: the same class, written without `@`. Pure."""

import libcst as cst


def opened(source: str) -> str:
    """Return the source with `x = property(x)` behind each property's function in place of `@property`."""
    return cst.parse_module(source).visit(_Opener()).code


class _Opener(cst.CSTTransformer):
    def leave_FunctionDef(
        self,
        original_node: cst.FunctionDef,
        updated_node: cst.FunctionDef,
    ) -> cst.FunctionDef | cst.FlattenSentinel[cst.BaseStatement]:
        """Take the decorator away and call it behind."""
        if [_name(one) for one in updated_node.decorators] != ["property"]:
            return updated_node
        bare = updated_node.with_changes(decorators=[])
        behind = cst.parse_statement(f"{bare.name.value} = property({bare.name.value})")
        return cst.FlattenSentinel([bare, behind])


def _name(decorator: cst.Decorator) -> str:
    return decorator.decorator.value if isinstance(decorator.decorator, cst.Name) else ""
