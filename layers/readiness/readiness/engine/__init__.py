"""The declaration, collection and evaluation of facts and rules. Contains no AWS call and no rule."""
