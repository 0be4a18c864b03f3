-- The ledger of examples/ledger on PostgreSQL: the four commands of the payment stream, each one function and one transaction.
--
-- The same guards in the same order with the same reject codes, two entries a transfer, balances, holds, exactly-once by source, and
-- a row a command with its bytes, outcome and events. Left out in its favour: the number of a command among all of them (a sequence
-- that every transaction would take from), digests, before-images, foreign keys, checks (their text is
-- parsed again for every row written).
--
-- Two transactions that move between the same two accounts can not deadlock: accounts are locked in the order of their ids.

CREATE TABLE currencies (
  currency smallint PRIMARY KEY,
  name text NOT NULL UNIQUE,
  places smallint NOT NULL
);

-- state: 1 open, 2 frozen, 3 closed. floor: the least that may be available, null without limit. Balances are not indexed and pages are
-- left half empty, so that an update stays on its page and touches no index.
CREATE TABLE accounts (
  account_id bigint PRIMARY KEY,
  owner bigint NOT NULL,
  currency smallint NOT NULL,
  role smallint NOT NULL,
  state smallint NOT NULL,
  posted numeric(34, 8) NOT NULL,
  available numeric(34, 8) NOT NULL,
  floor numeric(34, 8)
) WITH (fillfactor = 50);
CREATE INDEX accounts_of_owner ON accounts (owner);
CREATE INDEX accounts_of_currency ON accounts (currency, role) WHERE state IN (1, 2);

-- purpose: 1 payment, 2 capture.
CREATE TABLE transfers (
  transfer_id bigint PRIMARY KEY,
  purpose smallint NOT NULL
);

CREATE TABLE entries (
  transfer_id bigint NOT NULL,
  account_id bigint NOT NULL,
  currency smallint NOT NULL,
  amount numeric(34, 8) NOT NULL,
  balance numeric(34, 8) NOT NULL,
  booked_at timestamptz NOT NULL
);
CREATE INDEX entries_statement ON entries (account_id, booked_at);
CREATE INDEX entries_of_transfer ON entries (transfer_id);

-- state: 1 open, 2 captured, 3 released, 4 expired.
CREATE TABLE holds (
  hold_id bigint PRIMARY KEY,
  payer bigint NOT NULL,
  payee bigint NOT NULL,
  currency smallint NOT NULL,
  state smallint NOT NULL,
  amount numeric(34, 8) NOT NULL,
  captured numeric(34, 8) NOT NULL,
  expires_at timestamptz NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX holds_expiring ON holds (expires_at) WHERE state = 1;
CREATE INDEX holds_of_account ON holds (payer, expires_at) WHERE state = 1;

CREATE TABLE commands (
  source integer NOT NULL,
  seq bigint NOT NULL,
  command smallint NOT NULL,
  bytes bytea NOT NULL,
  outcome smallint NOT NULL,
  events text NOT NULL,
  PRIMARY KEY (source, seq)
);

-- Every function begins with its source: one look at the primary key of the commands tells a command that came before, which gets its
-- answer again, from the next and from a gap.
--
-- Guards read without a lock. What others may have changed since is asked again of the row that an update has locked; if it is so,
-- the transaction fails and is to be sent again.

CREATE FUNCTION post_transfer(
  of_source integer, of_seq bigint, command_bytes bytea, of_transfer bigint, payer_id bigint, payee_id bigint, given numeric
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  code integer;
  last_seq bigint;
  payer accounts;
  payee accounts;
  payer_balance numeric;
  payee_balance numeric;
BEGIN
  SELECT seq, outcome INTO last_seq, code FROM commands
    WHERE source = of_source AND seq <= of_seq ORDER BY seq DESC LIMIT 1;
  IF last_seq = of_seq THEN RETURN code; END IF;
  IF coalesce(last_seq, 0) <> of_seq - 1 THEN
    RAISE EXCEPTION 'GAP: source % sent %, expected %', of_source, of_seq, coalesce(last_seq, 0) + 1;
  END IF;
  SELECT * INTO payer FROM accounts WHERE account_id = payer_id;
  SELECT * INTO payee FROM accounts WHERE account_id = payee_id;
  IF EXISTS (SELECT FROM transfers WHERE transfer_id = of_transfer) THEN code := 1;
  ELSIF payer.account_id IS NULL OR payee.account_id IS NULL THEN code := 5;
  ELSIF payer_id = payee_id THEN code := 9;
  ELSIF payer.currency <> payee.currency THEN code := 10;
  ELSIF payer.state = 3 OR payee.state = 3 THEN code := 15;
  ELSIF payer.state = 2 THEN code := 16;
  ELSIF given <= 0 THEN code := 19;
  ELSIF given <> round(given, (SELECT places FROM currencies WHERE currency = payer.currency)) THEN code := 20;
  ELSIF payer.available - payer.floor < given THEN code := 23;
  ELSE code := 0;
  END IF;
  IF code <> 0 THEN
    INSERT INTO commands VALUES (of_source, of_seq, 4, command_bytes, code, '');
    RETURN code;
  END IF;
  IF payer_id < payee_id THEN
    UPDATE accounts SET posted = posted - given, available = available - given
      WHERE account_id = payer_id AND state = 1 AND (floor IS NULL OR available - floor >= given) RETURNING posted INTO payer_balance;
    UPDATE accounts SET posted = posted + given, available = available + given
      WHERE account_id = payee_id AND state <> 3 RETURNING posted INTO payee_balance;
  ELSE
    UPDATE accounts SET posted = posted + given, available = available + given
      WHERE account_id = payee_id AND state <> 3 RETURNING posted INTO payee_balance;
    UPDATE accounts SET posted = posted - given, available = available - given
      WHERE account_id = payer_id AND state = 1 AND (floor IS NULL OR available - floor >= given) RETURNING posted INTO payer_balance;
  END IF;
  IF payer_balance IS NULL OR payee_balance IS NULL THEN
    RAISE EXCEPTION 'changed by another transaction' USING ERRCODE = 'serialization_failure';
  END IF;
  INSERT INTO transfers VALUES (of_transfer, 1);
  INSERT INTO entries VALUES
    (of_transfer, payer_id, payer.currency, -given, payer_balance, now()),
    (of_transfer, payee_id, payer.currency, given, payee_balance, now());
  INSERT INTO commands VALUES (of_source, of_seq, 4, command_bytes, 0, concat(
    'EntryBooked ', of_transfer, ' ', payer_id, ' ', -given, ' ', payer_balance,
    ' EntryBooked ', of_transfer, ' ', payee_id, ' ', given, ' ', payee_balance));
  RETURN 0;
END $$;

CREATE FUNCTION place_hold(
  of_source integer, of_seq bigint, command_bytes bytea, of_hold bigint, payer_id bigint, payee_id bigint, given numeric,
  expires timestamptz
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  code integer;
  last_seq bigint;
  payer accounts;
  payee accounts;
BEGIN
  SELECT seq, outcome INTO last_seq, code FROM commands
    WHERE source = of_source AND seq <= of_seq ORDER BY seq DESC LIMIT 1;
  IF last_seq = of_seq THEN RETURN code; END IF;
  IF coalesce(last_seq, 0) <> of_seq - 1 THEN
    RAISE EXCEPTION 'GAP: source % sent %, expected %', of_source, of_seq, coalesce(last_seq, 0) + 1;
  END IF;
  SELECT * INTO payer FROM accounts WHERE account_id = payer_id;
  SELECT * INTO payee FROM accounts WHERE account_id = payee_id;
  IF EXISTS (SELECT FROM holds WHERE hold_id = of_hold) THEN code := 2;
  ELSIF payer.account_id IS NULL OR payee.account_id IS NULL THEN code := 5;
  ELSIF payer_id = payee_id THEN code := 9;
  ELSIF payer.currency <> payee.currency THEN code := 10;
  ELSIF payer.state = 3 OR payee.state = 3 THEN code := 15;
  ELSIF payer.state = 2 THEN code := 16;
  ELSIF given <= 0 THEN code := 19;
  ELSIF given <> round(given, (SELECT places FROM currencies WHERE currency = payer.currency)) THEN code := 20;
  ELSIF expires <= now() THEN code := 21;
  ELSIF payer.available - payer.floor < given THEN code := 23;
  ELSE code := 0;
  END IF;
  IF code <> 0 THEN
    INSERT INTO commands VALUES (of_source, of_seq, 5, command_bytes, code, '');
    RETURN code;
  END IF;
  UPDATE accounts SET available = available - given
    WHERE account_id = payer_id AND state = 1 AND (floor IS NULL OR available - floor >= given);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'changed by another transaction' USING ERRCODE = 'serialization_failure';
  END IF;
  INSERT INTO holds VALUES (of_hold, payer_id, payee_id, payer.currency, 1, given, 0, expires);
  INSERT INTO commands VALUES (of_source, of_seq, 5, command_bytes, 0, concat('HoldChanged ', of_hold, ' Open ', given));
  RETURN 0;
END $$;

CREATE FUNCTION capture_hold(
  of_source integer, of_seq bigint, command_bytes bytea, of_transfer bigint, of_hold bigint, wanted numeric, release_rest boolean
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  code integer;
  last_seq bigint;
  hold holds;
  given numeric;
  given_back numeric;
  payer_balance numeric;
  payee_balance numeric;
BEGIN
  SELECT seq, outcome INTO last_seq, code FROM commands
    WHERE source = of_source AND seq <= of_seq ORDER BY seq DESC LIMIT 1;
  IF last_seq = of_seq THEN RETURN code; END IF;
  IF coalesce(last_seq, 0) <> of_seq - 1 THEN
    RAISE EXCEPTION 'GAP: source % sent %, expected %', of_source, of_seq, coalesce(last_seq, 0) + 1;
  END IF;
  SELECT * INTO hold FROM holds WHERE hold_id = of_hold;
  given := coalesce(wanted, hold.amount);
  IF EXISTS (SELECT FROM transfers WHERE transfer_id = of_transfer) THEN code := 1;
  ELSIF hold.hold_id IS NULL THEN code := 6;
  ELSIF hold.state <> 1 THEN code := 7;
  ELSIF hold.expires_at <= now() THEN code := 8;
  ELSIF (SELECT state FROM accounts WHERE account_id = hold.payee) = 3 THEN code := 15;
  ELSIF given <= 0 THEN code := 19;
  ELSIF given <> round(given, (SELECT places FROM currencies WHERE currency = hold.currency)) THEN code := 20;
  ELSIF given > hold.amount THEN code := 22;
  ELSE code := 0;
  END IF;
  IF code <> 0 THEN
    INSERT INTO commands VALUES (of_source, of_seq, 6, command_bytes, code, '');
    RETURN code;
  END IF;
  given_back := CASE WHEN release_rest THEN hold.amount ELSE given END;
  UPDATE holds SET amount = amount - given_back, captured = captured + given,
      state = CASE WHEN amount = given_back THEN 2 ELSE 1 END
    WHERE hold_id = of_hold AND state = 1 AND amount = hold.amount RETURNING state, amount INTO hold.state, hold.amount;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'changed by another transaction' USING ERRCODE = 'serialization_failure';
  END IF;
  IF hold.payer < hold.payee THEN
    UPDATE accounts SET posted = posted - given, available = available + given_back - given
      WHERE account_id = hold.payer RETURNING posted INTO payer_balance;
    UPDATE accounts SET posted = posted + given, available = available + given
      WHERE account_id = hold.payee AND state <> 3 RETURNING posted INTO payee_balance;
  ELSE
    UPDATE accounts SET posted = posted + given, available = available + given
      WHERE account_id = hold.payee AND state <> 3 RETURNING posted INTO payee_balance;
    UPDATE accounts SET posted = posted - given, available = available + given_back - given
      WHERE account_id = hold.payer RETURNING posted INTO payer_balance;
  END IF;
  IF payer_balance IS NULL OR payee_balance IS NULL THEN
    RAISE EXCEPTION 'changed by another transaction' USING ERRCODE = 'serialization_failure';
  END IF;
  INSERT INTO transfers VALUES (of_transfer, 2);
  INSERT INTO entries VALUES
    (of_transfer, hold.payer, hold.currency, -given, payer_balance, now()),
    (of_transfer, hold.payee, hold.currency, given, payee_balance, now());
  INSERT INTO commands VALUES (of_source, of_seq, 6, command_bytes, 0, concat(
    'HoldChanged ', of_hold, CASE hold.state WHEN 1 THEN ' Open ' ELSE ' Captured ' END, hold.amount, ' ',
    'EntryBooked ', of_transfer, ' ', hold.payer, ' ', -given, ' ', payer_balance,
    ' EntryBooked ', of_transfer, ' ', hold.payee, ' ', given, ' ', payee_balance));
  RETURN 0;
END $$;

CREATE FUNCTION release_hold(of_source integer, of_seq bigint, command_bytes bytea, of_hold bigint) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  code integer;
  last_seq bigint;
  hold holds;
BEGIN
  SELECT seq, outcome INTO last_seq, code FROM commands
    WHERE source = of_source AND seq <= of_seq ORDER BY seq DESC LIMIT 1;
  IF last_seq = of_seq THEN RETURN code; END IF;
  IF coalesce(last_seq, 0) <> of_seq - 1 THEN
    RAISE EXCEPTION 'GAP: source % sent %, expected %', of_source, of_seq, coalesce(last_seq, 0) + 1;
  END IF;
  SELECT * INTO hold FROM holds WHERE hold_id = of_hold;
  IF hold.hold_id IS NULL THEN code := 6;
  ELSIF hold.state <> 1 THEN code := 7;
  ELSE code := 0;
  END IF;
  IF code <> 0 THEN
    INSERT INTO commands VALUES (of_source, of_seq, 7, command_bytes, code, '');
    RETURN code;
  END IF;
  UPDATE holds SET state = 3, amount = 0 WHERE hold_id = of_hold AND state = 1 AND amount = hold.amount;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'changed by another transaction' USING ERRCODE = 'serialization_failure';
  END IF;
  UPDATE accounts SET available = available + hold.amount WHERE account_id = hold.payer;
  INSERT INTO commands VALUES (of_source, of_seq, 7, command_bytes, 0, concat('HoldChanged ', of_hold, ' Released 0'));
  RETURN 0;
END $$;
