-- Which open findings concern an order: its own, and those about its shop, its account or its phase that explain its state.

CREATE VIEW order_finding AS
SELECT account, order_number, finding_key, rule, severity, subject_kind, opened_at, decided, is_held, snoozed_until, assignee
FROM finding_triage WHERE finding_state = 'open' AND order_number IS NOT NULL
UNION ALL
SELECT f.account, c.order_number, f.finding_key, f.rule, f.severity, f.subject_kind, f.opened_at, f.decided, f.is_held,
       f.snoozed_until, f.assignee
FROM finding_triage AS f
JOIN order_case AS c ON c.account = f.account AND c.primary_rule = f.rule
WHERE f.finding_state = 'open' AND f.order_number IS NULL
  AND ((f.subject_kind = 'shop' AND f.subject = c.shop_code)
       OR (f.subject_kind = 'account' AND c.state = 'cannot_tell'))
UNION ALL
SELECT f.account, c.order_number, f.finding_key, f.rule, f.severity, f.subject_kind, f.opened_at, f.decided, f.is_held,
       f.snoozed_until, f.assignee
FROM finding_triage AS f
JOIN cm_phase AS p ON p.account = f.account AND p.lookalike_of = f.subject
JOIN order_case AS c ON c.account = p.account AND c.phase_name = p.phase_name
WHERE f.finding_state = 'open' AND f.order_number IS NULL AND f.subject_kind = 'phase';
