import { AddGroup } from './add-group.endpoint.js';
import { ChangeGroup } from './change-group.endpoint.js';
import { ListGroupMembers } from './list-group-members.endpoint.js';
import { ListGroups } from './list-groups.endpoint.js';
import { RemoveGroup } from './remove-group.endpoint.js';
import { ShowGroup } from './show-group.endpoint.js';

export const groups = [AddGroup, ChangeGroup, ListGroupMembers, ListGroups, RemoveGroup, ShowGroup];
