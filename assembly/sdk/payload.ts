/**
 * Commands: the base of every generated command class.
 *
 * A command object is the address of the canonical payload, which the core has checked byte for byte, so reading a field
 * is one load. Behind the first text, bytes or list the fields have no fixed place: the generated classes walk there.
 */

/** The payload of a command. It never changes. */
@unmanaged
export abstract class Payload {}
