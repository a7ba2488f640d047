"""How facts and rules are declared, collected and evaluated. No AWS call, no rule."""
