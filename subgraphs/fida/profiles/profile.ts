import { z } from 'zod';

const oid = z.string().regex(/^\d+(\.\d+)+$/);

/**
 * How a value on the wire becomes ours. Each names what it accepts; everything else is "cannot be decoded".
 * `missing` are values by which a vendor says "not supported": null, and no problem.
 */
const decoder = z.discriminatedUnion('as', [
  /** An INTEGER, Gauge32, Counter32 or TimeTicks from `min` to `max` on the wire, divided by `divisor`. */
  z.object({
    as: z.literal('number'),
    min: z.number().int(),
    max: z.number().int(),
    divisor: z.number().positive().default(1),
    missing: z.array(z.number().int()).default([]),
  }),
  /** An INTEGER from 0 to what the object `of` says, as a percentage; `most` is the largest that `of` may say. */
  z.object({ as: z.literal('share'), of: oid, most: z.number().int().positive() }),
  /** A number as hexadecimal digits in an OCTET STRING: "32" is 50. */
  z.object({
    as: z.literal('hexNumber'),
    min: z.number().int(),
    max: z.number().int(),
    missing: z.array(z.string()).default([]),
  }),
  /** An enumerated INTEGER; `others` is what the numbers up to `most` that have no text of their own mean. */
  z.object({
    as: z.literal('choice'),
    values: z.record(z.string().regex(/^\d+$/), z.string()),
    others: z.object({ most: z.number().int().positive(), text: z.string() }).optional(),
  }),
  /** An enumeration as hexadecimal digits; `unlisted` says what to make of a code that the vendor does not publish. */
  z.object({
    as: z.literal('hexChoice'),
    values: z.record(z.string().regex(/^[0-9a-f]{2}$/), z.string()),
    unlisted: z.enum(['problem', 'showCode']),
    missing: z.array(z.string()).default([]),
  }),
  /** Printable UTF-8 text of at most `maxLength` characters; blanks around it are dropped, and empty text is null. */
  z.object({
    as: z.literal('text'),
    maxLength: z.number().int().positive().default(255),
    missing: z.array(z.string()).default([]),
  }),
]);

/** The ASN.1 type that each decoder reads. */
const SYNTAX = {
  number: 'INTEGER',
  share: 'INTEGER',
  choice: 'INTEGER',
  hexNumber: 'OCTET STRING',
  hexChoice: 'OCTET STRING',
  text: 'OCTET STRING',
} as const satisfies Record<z.infer<typeof decoder>['as'], string>;

/** The display takes a setting only while another object, `name` in its MIB, has one of these values; `meanings` are the MIB's words. */
const onlyWhile = z.object({
  oid,
  name: z.string().min(1),
  values: z.array(z.number().int()).nonempty(),
  meanings: z.record(z.string().regex(/^\d+$/), z.string()),
});

/** How a setting is written: in which ASN.1 type. The value is the decoder read backwards (encode.ts). */
const setting = z.object({
  syntax: z.enum(['INTEGER', 'OCTET STRING']),
  /** The object to write, where it is not the one that is read. */
  oid: oid.optional(),
  onlyWhile: onlyWhile.optional(),
});

const variable = z
  .object({
    oid,
    decode: decoder,
    /** Present on what can be set. */
    set: setting.optional(),
  })
  .refine(({ decode, set }) => set === undefined || set.syntax === SYNTAX[decode.as], {
    path: ['set', 'syntax'],
    message: 'is not the type that `decode` reads',
  });

/** What of a display is read, under the names that the rest of fida uses. */
export const FIELDS = [
  'power',
  'brightnessPercent',
  'temperatureCelsius',
  'inputSource',
  'backlightHours',
  'model',
  'serialNumber',
  'firmware',
  'ambientLightLux',
  'signalPresent',
] as const;

export const profileSchema = z.object({
  id: z.string().regex(/^[a-z0-9-]+$/),
  /** A display is of this profile when its sysObjectID is or is under one of these, or else its sysDescr contains one of the texts. */
  detect: z.object({ sysObjectIDs: z.array(oid), sysDescrTexts: z.array(z.string().min(3)).default([]) }),
  variables: z.partialRecord(z.enum(FIELDS), variable),
  /** What the display says of its own condition: texts in `fine` are fine, all others become a problem. */
  health: z.object({ oid, decode: decoder, fine: z.array(z.string()) }).optional(),
  /** A bitmap of what is wrong: a name for each bit, counted from the lowest; a bit without a name is told by its number. */
  faults: z.object({ oid, bits: z.record(z.string().regex(/^\d+$/), z.string()) }).optional(),
  /** Fans by fixed row numbers, so that they fit into the one GET; rows that a display lacks are skipped. */
  fans: z
    .object({
      rows: z.array(z.number().int()),
      /** The row number is appended. */
      rpm: z.object({ column: oid, decode: decoder }),
      status: z.object({ column: oid, decode: decoder, fine: z.array(z.string()) }),
    })
    .optional(),
  /** Hotter than this is a problem. `part` is what was measured, `source` where the number is from. */
  temperatureLimit: z.object({ celsius: z.number(), part: z.string(), source: z.string() }).optional(),
});

/** What of a vendor's display can be read and set, and how. */
export type Profile = z.infer<typeof profileSchema>;
export type Decoder = z.infer<typeof decoder>;
/** See `onlyWhile`. */
export type Precondition = z.infer<typeof onlyWhile>;
export type Field = (typeof FIELDS)[number];
/** A profile as its file writes it: what has a default may be left out. */
export type ProfileSource = z.input<typeof profileSchema>;
