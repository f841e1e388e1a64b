import { Attribute, Schema, SchemaDefinition } from 'scimmy/types';

const USER = new SchemaDefinition('User', 'urn:ietf:params:scim:schemas:core:2.0:User', 'A person', [
  new Attribute('string', 'userName', { required: true, uniqueness: 'server' }),
  new Attribute('complex', 'name', {}, [
    new Attribute('string', 'formatted'),
    new Attribute('string', 'givenName'),
    new Attribute('string', 'familyName'),
  ]),
  new Attribute('string', 'displayName'),
  new Attribute('boolean', 'active'),
  new Attribute('complex', 'emails', { multiValued: true }, [
    new Attribute('string', 'value'),
    new Attribute('string', 'type'),
    new Attribute('boolean', 'primary'),
  ]),
  new Attribute('complex', 'groups', { multiValued: true, mutable: false, direction: 'out' }, [
    new Attribute('string', 'value'),
    new Attribute('string', 'display'),
  ]),
]);

const GROUP = new SchemaDefinition('Group', 'urn:ietf:params:scim:schemas:core:2.0:Group', 'A team', [
  new Attribute('string', 'displayName', { required: true, uniqueness: 'server' }),
  new Attribute('complex', 'members', { multiValued: true }, [
    new Attribute('string', 'value'),
    new Attribute('string', 'display'),
  ]),
]);

/**
 * A SCIM user (RFC 7643, section 4.1), with those of its attributes that we keep: whatever else an identity provider
 * sends is left aside.
 *
 * @throws TypeError for a value that does not fit its attribute; SCIMError
 */
export class UserResource extends Schema {
  declare id: string;
  declare externalId?: string;
  declare userName: string;
  declare name?: { formatted?: string; givenName?: string; familyName?: string };
  declare displayName?: string;
  declare active?: boolean;
  declare emails?: { value?: string; type?: string; primary?: boolean }[];
  declare groups?: { value: string; display: string }[];

  static override get id() {
    return USER.id;
  }

  static override get definition() {
    return USER;
  }

  constructor(data: object, direction?: string, basepath?: string) {
    super(onlyOwnSchema(data, USER.id), direction);
    Object.assign(this, USER.coerce(onlyOwnSchema(data, USER.id), direction, basepath));
  }
}

/** A SCIM group (RFC 7643, section 4.2): a team, and those of its members whom SCIM keeps there. */
export class GroupResource extends Schema {
  declare id: string;
  declare externalId?: string;
  declare displayName: string;
  declare members?: { value?: string; display?: string }[];

  static override get id() {
    return GROUP.id;
  }

  static override get definition() {
    return GROUP;
  }

  constructor(data: object, direction?: string, basepath?: string) {
    super(onlyOwnSchema(data, GROUP.id), direction);
    Object.assign(this, GROUP.coerce(onlyOwnSchema(data, GROUP.id), direction, basepath));
  }
}

/** Extensions are left aside, so they are not named among the schemas either. */
function onlyOwnSchema(data: object, id: string): object {
  const { schemas } = data as { schemas?: unknown };
  return Array.isArray(schemas) && schemas.includes(id) ? { ...data, schemas: [id] } : data;
}
