import { ListMyApprovals } from './list-my-approvals.endpoint.js';
import { ListUserApprovals } from './list-user-approvals.endpoint.js';
import { WithdrawMyApproval } from './withdraw-my-approval.endpoint.js';
import { WithdrawUserApproval } from './withdraw-user-approval.endpoint.js';

export const approvals = [ListMyApprovals, ListUserApprovals, WithdrawMyApproval, WithdrawUserApproval];
