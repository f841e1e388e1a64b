import { Controller, Get, Req, Res, UseFilters } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Interactions } from './interactions.js';
import { PageErrors } from './page-errors.js';

/** Where the engine sends the browser: the cookie that goes with a request is for this address and those below it. */
@Controller('interaction/:uid')
@UseFilters(PageErrors)
export class InteractionStart {
  constructor(private readonly interactions: Interactions) {}

  @Get()
  async next(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { interaction } = await this.interactions.load(request, response);
    const page = interaction.prompt.name === 'consent' ? 'approval' : 'sign-in';
    response.redirect(303, `/interaction/${interaction.uid}/${page}`);
  }
}
