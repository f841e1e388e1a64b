// libs/policy/src/known.ts breaks @nx/enforce-module-boundaries
import { Injectable } from '@nestjs/common';

@Injectable()
export class Rules {}

// libs/policy/src/known.ts breaks nothing
export class Rules {}
